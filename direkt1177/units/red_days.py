"""Days on which Swedish health centres are closed by default: red days and the eves kept like them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays


@lru_cache(maxsize=64)
def closed_days(year: int) -> dict[date, str]:
    """Date -> Swedish name of every red day (lag 1989:253) and closed eve of a year; plain Sundays are not listed.

    The eves are Midsommarafton, Julafton and Nyårsafton (customary) and Påskafton and Pingstafton, which are always
    Saturdays. Half days (Trettondagsafton, Valborgsmässoafton …) are open unless a unit says otherwise.
    """
    calendar = holidays.country_holidays(
        "SE", years=year, categories=("public", "de_facto"), language="sv", include_sundays=False
    )
    days = {day: calendar.get_list(day)[0] for day in sorted(calendar)}
    easter = next(day for day in days if days[day] == "Påskdagen")
    days[easter - timedelta(days=1)] = "Påskafton"
    days[easter + timedelta(days=48)] = "Pingstafton"
    return days


def is_closed_day(day: date) -> bool:
    """Whether a health centre is closed on this date by default, whatever the weekday."""
    return day in closed_days(day.year)
