"""Pure rules of finding: how long a search and an opening hold, which days may be asked for."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from cases.rules import LOCAL

# A search is for the contact that goes on; its page shows nothing after that, and nothing more is opened from it.
SEARCH_LASTS = timedelta(minutes=30)
# Long enough to read and act, too short to be a way of working.
READING_LASTS = timedelta(hours=1)
MOST_DAYS = 92


def day_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """The instants between which an interval of local days lies, the second exclusive."""
    return (
        datetime.combine(first, time.min, tzinfo=LOCAL),
        datetime.combine(last + timedelta(days=1), time.min, tzinfo=LOCAL),
    )


def asked_again(at: datetime) -> str:
    """Part of a notice's key: whoever asks twice within the hour is heard once."""
    return at.astimezone(LOCAL).strftime("%Y%m%d%H")
