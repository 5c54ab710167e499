"""Parts that commands of higher apps call inside their own transaction."""

from __future__ import annotations

from cases.steps.creating import NewCase, create_case
from cases.steps.moving import (
    change_urgency,
    clear_offer,
    close_case,
    end_reading,
    grant_reading,
    make_asynchronous,
    offer_case,
    pause_case,
    release_case,
    take_case,
)
from cases.steps.telling import tell_patient

__all__ = [
    "NewCase",
    "change_urgency",
    "clear_offer",
    "close_case",
    "create_case",
    "end_reading",
    "grant_reading",
    "make_asynchronous",
    "offer_case",
    "pause_case",
    "release_case",
    "take_case",
    "tell_patient",
]
