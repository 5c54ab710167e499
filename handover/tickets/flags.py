"""Which new answers the giver's exported note already contains: only the flags cross the unit boundary (TIK-10)."""

from __future__ import annotations

from django.utils.translation import override

from direkt1177.questions.flow import walk
from direkt1177.questions.voice import FOR_STAFF
from direkt1177.questions.wording import worded
from handover.models import Ticket
from handover.tickets.rules import Answer, documented
from journal.queries import export_text
from triage.queries import interview_with_ticket, new_answers
from triage.question_sets import question_sets


def form_answers(ticket: Ticket) -> list[tuple[str, list[Answer]]]:
    """Title and worded answers of each answered form, in the order of the ticket."""
    known = question_sets()
    found = []
    for form in ticket.forms:
        if form not in known or form not in ticket.answers:
            continue
        given = {key: value for key, value in ticket.answers[form].items() if value not in ("", [])}
        rows = worded(walk(known[form].questions, given, {}), FOR_STAFF)
        found.append((known[form].title, [Answer(f"{form}.{r.question_id}", r.text, r.answer) for r in rows]))
    return found


def asked_answers(ticket: Ticket) -> list[Answer]:
    """The new answers after the result, given when the ticket was used."""
    interview = interview_with_ticket(ticket.public_id)
    if interview is None:
        return []
    return [Answer(row.question_id, row.text, row.answer) for row in new_answers(interview)]


def documented_answers(ticket: Ticket) -> list[str]:
    """Ids of answers that stand in the giver's exported note already; empty while there is none."""
    note = export_text(ticket.issuing_case.public_id)
    if note is None:
        return []
    # The note is Swedish, whatever language the resident reads.
    with override("sv"):
        answers = [*asked_answers(ticket), *(answer for _title, rows in form_answers(ticket) for answer in rows)]
    return documented(answers, note)
