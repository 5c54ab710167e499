"""Who gets an SMS (NOT-01..05): pure functions."""

from __future__ import annotations


def may_get_sms(*, by_choice: bool, chosen: bool, on_shift: bool, active: bool, work_phones: bool) -> bool:
    """Whether an SMS goes to a member of staff who has a mobile number in the profile.

    Args:
        by_choice: rows a to c and e, which users choose; row d goes out always, signed in or not (INA-09).
        chosen: the user wants SMS of this kind.
        on_shift: the user has a shift at the unit that has not ended (NOT-03).
        active: the user's account is open.
        work_phones: SMS to staff's phones is allowed at the unit (NOT-05).
    """
    return active and (not by_choice or (chosen and on_shift and work_phones))
