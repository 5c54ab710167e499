"""One case: the frame of its page, the header that lives, the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cases import rules
from cases.models import Case, Consent, Message, Upload, UrgencyChange
from direkt1177.realtime.prepared import Prepared
from direkt1177.residents.queries import PersonView, guardians_of, person_view
from direkt1177.units import policies
from direkt1177.units.clock import now
from direkt1177.units.policy_model import Policy

_CASE = Prepared(
    lambda ident: Case.objects.select_related(
        "patient__listed_unit", "started_by", "holder", "closed_by", "role", "unit__provider__region"
    ).filter(public_id=ident),
    UUID(int=1),
)
_LINE = Prepared(
    lambda case, seq: Message.objects.filter(case_id=case, seq=seq).select_related("upload"),
    1_999_999_991,
    1_999_999_993,
)


@dataclass(frozen=True, slots=True)
class CaseCard:
    """What the case page and the preview show of the case itself; panels of other apps are fetched by URL.

    Attributes:
        starter: who wrote: the patient or the responsible guardian (ENT-19, ENT-22).
        guardians: of a child; empty otherwise.
        responsible_guardian_id: ``person_id`` among them; None when the patient wrote.
        uploads: images from the interview (*Uppladdningar*), not those of the chat (CHT-10).
        listed_unit: name of the unit where the patient is listed, when another (ENT-10).
    """

    case: Case
    person: PersonView
    starter: PersonView
    guardians: list[PersonView]
    responsible_guardian_id: int | None
    policy: Policy
    urgency_label: str
    computed_urgency_label: str
    urgency_changes: list[UrgencyChange]
    consents: list[Consent]
    uploads: list[Upload]
    listed_unit: str
    response_stopped_at: datetime | None
    may_write: bool

    @property
    def sms_possible(self) -> bool:
        """Whether who wrote can be reached by SMS (NOT-06)."""
        return self.starter.sms_possible


@dataclass(frozen=True, slots=True)
class Header:
    """Facts of a case that change while it is open, the same for patient and staff."""

    state: str
    open: bool
    follow_up_until: datetime | None
    last_seq: int
    patient_seen_seq: int
    staff_seen_seq: int
    holder_name: str
    holder_title: str
    version: int

    def data(self) -> dict[str, Any]:
        """As a frame carries it."""
        until = self.follow_up_until.isoformat() if self.follow_up_until else None
        return {
            "state": self.state,
            "open": self.open,
            "follow_up_until": until,
            "last_seq": self.last_seq,
            "patient_seen": self.patient_seen_seq,
            "staff_seen": self.staff_seen_seq,
            "holder": self.holder_name,
            "title": self.holder_title,
            "version": self.version,
        }


def case_by_id(public_id: UUID) -> Case | None:
    """The case with what every door and page needs, one query."""
    return _CASE.first(public_id)


def case_card(case: Case) -> CaseCard:
    """Everything the frame shows; call with a case from a door."""
    policy = policies.policy(case.unit)
    person = person_view(case.patient)
    own = case.started_by_id == case.patient_id
    labels = policy.urgency_labels
    listed = case.patient.listed_unit
    return CaseCard(
        case=case,
        person=person,
        starter=person if own else person_view(case.started_by),
        guardians=guardians_of(case.patient_id) if person.age < 18 else [],
        responsible_guardian_id=None if own else case.started_by_id,
        policy=policy,
        urgency_label=labels.get(case.urgency, "") if case.urgency else "",
        computed_urgency_label=labels.get(case.computed_urgency, "") if case.computed_urgency else "",
        urgency_changes=list(case.urgency_changes.select_related("by").order_by("pk")),
        consents=list(case.consents.order_by("pk")),
        uploads=list(case.uploads.exclude(origin=Upload.Origin.CHAT).order_by("pk")),
        listed_unit=listed.name if listed and case.listed_elsewhere else "",
        response_stopped_at=rules.response_stopped_at(
            policy.response_clock_stop, received_at=case.received_at, first_reply_at=case.first_reply_at
        ),
        may_write=rules.may_write_in(case, now()),
    )


def header(case: Case) -> Header:
    """The living facts of a case from ``case_by_id``, no query."""
    # Who answers is shown from Ta emot on; after closing the name stands in the messages.
    holder = case.holder
    return Header(
        state=str(case.state),
        open=rules.may_write_in(case, now()),
        follow_up_until=case.follow_up_until,
        last_seq=case.last_seq,
        patient_seen_seq=case.patient_seen_seq,
        staff_seen_seq=case.staff_seen_seq,
        holder_name=holder.full_name if holder else "",
        holder_title=holder.title if holder else "",
        version=case.version,
    )


def timeline(case: Case, *, after: int = 0, seqs: Sequence[int] | None = None) -> list[Message]:
    """The patient chat in order, images included, one query.

    Args:
        case: from a door.
        after: only messages numbered above this.
        seqs: only these numbers, for a feed.
    """
    if seqs is not None and len(seqs) == 1 and seqs[0] > after:  # nearly always, and often
        return _LINE.all(case.pk, seqs[0])
    found = Message.objects.filter(case=case, seq__gt=after).select_related("upload").order_by("seq")
    return list(found if seqs is None else found.filter(seq__in=seqs))
