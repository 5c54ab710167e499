"""Reading: an interview ready for its pages, drafts to go on with, and the triage result that staff see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings as django_settings

from cases.models import Case, Upload
from direkt1177.questions import wording
from direkt1177.questions.flow import Path, fits, walk
from direkt1177.questions.voice import FOR_STAFF, TO_YOU, Voice
from direkt1177.residents.models import Person as PersonRow
from direkt1177.residents.queries import PersonView, age_of, person_view, today
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from direkt1177.units.policy_model import Policy
from direkt1177.units.queries import Route, route_of
from triage import rules, search
from triage.access import OpenInterview
from triage.engine.assess import Assessment, Person, assess, facts_of
from triage.engine.loader import GENERAL
from triage.engine.model import CareLevel, Protocol
from triage.models import Interview
from triage.steps import protocol_of


@dataclass(frozen=True)
class Loaded:
    """An interview with everything its pages and commands need."""

    interview: Interview
    patient: PersonView
    person: Person
    voice: Voice
    policy: Policy
    protocol: Protocol | None
    state: rules.State
    route: Route

    @property
    def receiver(self) -> Unit:
        """The unit that takes it if it is sent now; while nobody does, the one it is addressed to (HRS-12)."""
        return self.route.unit or self.route.asked

    @property
    def by_guardian(self) -> bool:
        """Whether a guardian answers for a child."""
        return self.person.by_guardian

    @property
    def path(self) -> Path:
        """The questions that apply with their answers; empty before a contact reason is chosen."""
        questions = self.protocol.questions if self.protocol is not None else ()
        return walk(questions, self.state.answers, facts_of(self.person))

    @property
    def post_path(self) -> Path:
        """The questions after the result."""
        questions = self.protocol.post_triage if self.protocol is not None else ()
        return walk(questions, dict(self.interview.post_answers), facts_of(self.person))


def computed_urgency_enabled() -> bool:
    """Whether urgencies are computed at all (off in production until somebody answers for it, design §5)."""
    return bool(django_settings.COMPUTED_URGENCY)


def load(opened: OpenInterview) -> Loaded:
    """Prepare an opened interview."""
    interview = opened.interview
    # A ticket is addressed to its unit, whatever is closed for new cases.
    addressed = interview.unit
    route = Route(addressed, addressed, ()) if interview.ticket is not None else route_of(addressed)
    view = person_view(interview.patient)
    by_guardian = opened.relation == "guardian"
    person = engine_person(interview.patient, by_guardian=by_guardian)
    protocol = protocol_of(interview.protocol_version) if interview.protocol_version is not None else None
    known = {item.id: item for item in protocol.questions} if protocol is not None else {}
    answers = {key: value for key, value in interview.answers.items() if key in known and fits(known[key], value)}
    return Loaded(
        interview=interview,
        patient=view,
        person=person,
        voice=Voice(view.first_name) if by_guardian else TO_YOU,
        policy=policy(route.unit or addressed),
        protocol=protocol,
        route=route,
        state=rules.State(
            gate_answer=interview.gate_answer,
            contact_after_112=interview.contact_after_112,
            protocol=protocol,
            answers=answers,
            person=person,
            result_seen=interview.result_seen,
            more_done=interview.more_done,
            consents=dict(interview.consents),
            fee_accepted=interview.fee_accepted_at is not None,
            ticket=interview.ticket is not None,
            administrative=interview.kind == Case.Kind.ADMIN_QUESTION,
        ),
    )


def engine_person(patient: PersonRow, *, by_guardian: bool) -> Person:
    """What the engine knows about a patient today."""
    return rules.person_facts(
        patient.birth_date,
        today(),
        age_years=age_of(patient.birth_date),
        sex=patient.sex,
        by_guardian=by_guardian,
        protected=patient.is_masked,
    )


def foreign_red_flags(own_words: str, reason_id: str, protocol: str) -> tuple[str, ...]:
    """Red-flag words of a text that the interview with this protocol does not ask about."""
    found = search.red_flags(own_words)
    return tuple(sorted(word for word, reason in found.items() if protocol == GENERAL or reason != reason_id))


def assessment_of(loaded: Loaded) -> Assessment | None:
    """What the engine says of the answers so far; None before a contact reason is chosen."""
    if loaded.protocol is None:
        return None
    interview = loaded.interview
    words = foreign_red_flags(interview.own_words, interview.contact_reason_code, loaded.protocol.id)
    return assess(loaded.protocol, loaded.state.answers, loaded.person, red_flag_words=words)


def drafts(person_id: int) -> list[Interview]:
    """Interviews of a resident not sent yet, the latest first."""
    open_ones = Interview.objects.filter(
        person_id=person_id, outcome=Interview.Outcome.OPEN, updated_at__gte=now() - rules.DRAFT_LIFE
    )
    return list(open_ones.select_related("patient").order_by("-updated_at")[:5])


def pictures(interview_id: UUID) -> list[Upload]:
    """Pictures added to an interview that is not sent yet."""
    return list(Upload.objects.filter(interview=interview_id).order_by("created_at", "pk"))


@dataclass(frozen=True)
class TriageResult:
    """What staff see under *Triage resultat och prioritet* (TRI-09, TRI-10).

    Attributes:
        reasons: in words, why the urgency is what it is.
        original: the whole interview including everything answered no.
        after: answers and text given after the urgency was set: not included in the priority (TRI-07).
        computed_word: what the engine said, in words; stays visible after changes (TRI-11).
    """

    anamnesis: str
    own_words: str
    reasons: tuple[str, ...]
    original: tuple[wording.Worded, ...]
    after: tuple[wording.Worded, ...]
    added_text: str
    could_not_answer: str
    advice_112_at: datetime | None
    gate_yes: bool
    computed: int | None
    computed_word: str
    self_care_declined: bool
    protocol: str
    notice: str
    red_flag_words: tuple[str, ...]
    ticket: UUID | None = None

    @property
    def from_ticket(self) -> bool:
        """Whether only what comes after a result was asked (TIK-07)."""
        return self.ticket is not None


def triage_result(case: Case) -> TriageResult | None:
    """The triage result of a case that somebody has opened through its door; None when it has no interview.

    Args:
        case: with ``unit`` loaded.
    """
    interview = (
        Interview.objects.select_related("patient", "protocol_version", "unit__provider__region")
        .filter(case=case)
        .first()
    )
    if interview is None:
        return None
    frozen: dict[str, Any] = interview.assessment or {}
    protocol = protocol_of(interview.protocol_version) if interview.protocol_version is not None else None
    facts = frozen.get("facts") or facts_of(engine_person(interview.patient, by_guardian=False))
    path = walk(protocol.questions if protocol else (), dict(interview.answers), facts)
    after = walk(protocol.post_triage if protocol else (), dict(interview.post_answers), facts)
    labels = policy(case.unit).urgency_labels
    return TriageResult(
        anamnesis=str(frozen.get("anamnesis", "")),
        own_words=interview.own_words,
        reasons=tuple(item["reason"] for item in frozen.get("fired", ())),
        original=wording.worded(path, FOR_STAFF, detail=True),
        after=wording.worded(after, FOR_STAFF),
        added_text=interview.added_text,
        could_not_answer=rules.mark_of_unknown(tuple(frozen.get("could_not_answer", ()))),
        advice_112_at=interview.advice_112_shown_at,
        gate_yes=interview.gate_answer == "yes",
        computed=case.computed_urgency,
        computed_word=labels.get(case.computed_urgency, "") if case.computed_urgency else "",
        self_care_declined=frozen.get("care_level") == CareLevel.SELF_CARE and interview.chose_staff_after_self_care,
        protocol=f"{protocol.title} {protocol.version}" if protocol else "",
        notice=str(frozen.get("notice", "")),
        red_flag_words=tuple(frozen.get("red_flag_words", ())),
        ticket=interview.ticket,
    )


def anamnesis_for(case: Case) -> str:
    """The machine-written anamnesis of a case, for the note (JOU-01); empty without an interview.

    Of a case that came with a ticket: the new answers after the result, as notes (TIK-10).
    """
    interview = Interview.objects.select_related("patient", "protocol_version").filter(case=case).first()
    if interview is None:
        return ""
    if interview.ticket is not None:
        lines = [f"{row.text} {row.answer}" for row in new_answers(interview)]
        return "\n".join([*lines, *([interview.added_text] if interview.added_text else [])])
    text = str((interview.assessment or {}).get("anamnesis", ""))
    quoted = f"Patientens egna ord: {interview.own_words}" if interview.own_words else ""
    return "\n".join(part for part in (text, quoted) if part)


def new_answers(interview: Interview) -> tuple[wording.Worded, ...]:
    """Answers given after the result, in words for staff; what was left empty is not among them.

    Args:
        interview: with ``patient`` and ``protocol_version`` loaded.
    """
    if interview.protocol_version is None:
        return ()
    facts = (interview.assessment or {}).get("facts") or facts_of(engine_person(interview.patient, by_guardian=False))
    given = {key: value for key, value in interview.post_answers.items() if value not in ("", [])}
    return wording.worded(walk(protocol_of(interview.protocol_version).post_triage, given, facts), FOR_STAFF)


def interview_with_ticket(ticket: UUID) -> Interview | None:
    """The interview a ticket was used through; None while it has made no case."""
    rows = Interview.objects.select_related("patient", "protocol_version", "case")
    return rows.filter(ticket=ticket, case__isnull=False).first()
