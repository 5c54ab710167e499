"""Pure rules of the entrance: which page comes next, and what the engine's word becomes in the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from direkt1177.questions.flow import Answers
from triage.engine.assess import GO_ON_URGENCY, Person, next_step
from triage.engine.model import CareLevel, Protocol

#: Answers of an interview that nobody went on with are kept this long (told on every page).
DRAFT_LIFE = timedelta(hours=24)
CONSENT_ITEMS = ("care_history", "medication_list")
COULD_NOT_ANSWER_LENGTH = 300


class Page(StrEnum):
    """The pages of the entrance, in order."""

    GATE = "gate"
    CALL_112 = "call_112"
    DESCRIBE = "describe"
    QUESTION = "question"
    RESULT = "result"
    MORE = "more"
    CONSENTS = "consents"
    FEE = "fee"
    SUMMARY = "summary"


ORDER = tuple(Page)
#: What is asked of somebody who enters with a ticket.
TICKET_PAGES = (Page.MORE, Page.CONSENTS, Page.FEE, Page.SUMMARY)
#: The four parts that the progress bar shows.
PARTS = {
    Page.DESCRIBE: 1,
    Page.QUESTION: 2,
    Page.RESULT: 3,
    Page.MORE: 3,
    Page.CONSENTS: 4,
    Page.FEE: 4,
    Page.SUMMARY: 4,
}


@dataclass(frozen=True)
class State:
    """What decides which page comes next.

    Args:
        protocol: of the chosen contact reason, None before one is chosen.
        contact_after_112: on the page *Ring 112 nu* the resident chose staff all the same.
        ticket: entered with a ticket: no interview, only what comes after its result (TIK-07).
        administrative: such an entry to an administrative queue, where nothing about health is asked.
    """

    gate_answer: str
    contact_after_112: bool
    protocol: Protocol | None
    answers: Answers
    person: Person
    result_seen: bool
    more_done: bool
    consents: dict[str, bool]
    fee_accepted: bool
    ticket: bool = False
    administrative: bool = False


def next_page(state: State) -> Page:
    """The first page that is not done; earlier ones may always be gone back to.

    Whoever wants staff in spite of the 112 advice is asked no further questions (urgency 1 stands already).
    """
    if state.ticket:
        return _next_with_ticket(state)
    if not state.gate_answer:
        return Page.GATE
    if state.gate_answer == "yes" and not state.contact_after_112:
        return Page.CALL_112
    if state.protocol is None:
        return Page.DESCRIBE
    if not state.contact_after_112:
        step = next_step(state.protocol, state.answers, state.person)
        if step.emergency is not None:
            return Page.CALL_112
        if step.question is not None:
            return Page.QUESTION
        if not state.result_seen:
            return Page.RESULT
        if not state.more_done:
            return Page.MORE
    return _next_to_send(state)


def _next_with_ticket(state: State) -> Page:
    if state.administrative:
        return Page.SUMMARY
    return _next_to_send(state) if state.more_done else Page.MORE


def _next_to_send(state: State) -> Page:
    if any(item not in state.consents for item in CONSENT_ITEMS):
        return Page.CONSENTS
    return Page.SUMMARY if state.fee_accepted else Page.FEE


def may_show(page: Page, state: State) -> bool:
    """Say whether a page can be shown: it is the next one or before it, and not one that is skipped."""
    following = next_page(state)
    if state.ticket:
        pages = (Page.SUMMARY,) if state.administrative else TICKET_PAGES
        return page in pages and ORDER.index(page) <= ORDER.index(following)
    if page == Page.CALL_112:
        return following == Page.CALL_112 or state.contact_after_112
    if following == Page.CALL_112:  # a mis-tap can be put right
        return page == Page.GATE or (state.gate_answer == "no" and page in (Page.DESCRIBE, Page.QUESTION))
    if state.contact_after_112 and page in (Page.RESULT, Page.MORE):
        return False
    return ORDER.index(page) <= ORDER.index(following)


@dataclass(frozen=True)
class Urgency:
    """What a case gets: the urgency it is sorted by, and the computed one that stays visible (TRI-11)."""

    urgency: int | None
    computed: int | None


def case_urgency(
    *, care_level: CareLevel | None, computed: int | None, contact_after_112: bool, chose_staff: bool, enabled: bool
) -> Urgency:
    """From assessment and choices to the case's urgency.

    Args:
        care_level: of the assessment, None when there was none (gate answered yes).
        computed: urgency 1-4 of the engine.
        contact_after_112: a gate "ja eller osäker" or a rule of urgency 1, and staff all the same: 1.
        chose_staff: went on to staff after self-care advice: 5, the only way to it.
        enabled: computed urgency is enabled; otherwise every case is *ej bedömd* (None).
    """
    if contact_after_112:
        return Urgency(1, 1)
    if not enabled or care_level in (None, CareLevel.NOT_ASSESSED):
        return Urgency(None, None)
    if care_level is CareLevel.SELF_CARE:
        return Urgency(GO_ON_URGENCY if chose_staff else None, None)
    return Urgency(computed, computed)


def shown_level(care_level: CareLevel, *, enabled: bool) -> CareLevel:
    """The care level that the resident reads; without computed urgency always that staff assess."""
    return care_level if enabled else CareLevel.NOT_ASSESSED


def person_facts(
    birth_date: date, today: date, *, age_years: int, sex: str, by_guardian: bool, protected: bool
) -> Person:
    """What the engine knows about a person on a day."""
    return Person(
        age_days=max(0, (today - birth_date).days),
        age_years=age_years,
        sex=sex if sex in ("female", "male") else None,
        by_guardian=by_guardian,
        protected=protected,
    )


def mark_of_unknown(names: tuple[str, ...]) -> str:
    """The text of the mark "kunde inte svara: …", cut where the column ends."""
    text = ", ".join(names)
    return text if len(text) <= COULD_NOT_ANSWER_LENGTH else text[: COULD_NOT_ANSWER_LENGTH - 1] + "…"
