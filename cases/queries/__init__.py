"""Reading the errand: lists, one case, the waiting room; constant query counts. No rights: those are in ``access``."""

from cases.queries.card import CaseCard, Header, case_by_id, case_card, header, timeline
from cases.queries.lists import (
    PAGE,
    OwnRow,
    Page,
    QueueRow,
    TabCounts,
    closed_rows,
    own_cases,
    own_cases_of,
    own_cases_of_each,
    queue_rows,
    received_rows,
    rows_by_id,
    tab_counts,
)
from cases.queries.readers import guest_bases, guest_basis, reader_bases, reader_basis
from cases.queries.resident import ResidentRow, WaitingFacts, resident_cases, resident_cases_of_each, waiting_facts

__all__ = [
    "PAGE",
    "CaseCard",
    "Header",
    "OwnRow",
    "Page",
    "QueueRow",
    "ResidentRow",
    "TabCounts",
    "WaitingFacts",
    "case_by_id",
    "case_card",
    "closed_rows",
    "guest_bases",
    "guest_basis",
    "header",
    "own_cases",
    "own_cases_of",
    "own_cases_of_each",
    "queue_rows",
    "reader_bases",
    "reader_basis",
    "received_rows",
    "resident_cases",
    "resident_cases_of_each",
    "rows_by_id",
    "tab_counts",
    "timeline",
    "waiting_facts",
]
