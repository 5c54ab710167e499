"""Reading calls: the one that is open, who is in it, whether the patient would see a request, the mode used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models.functions import Now

from cases import names
from cases.calls import rules
from cases.calls.models import Call
from cases.calls.states import OPEN_STATES, CallState
from cases.models import Case
from direkt1177.audit.models import ReadLog

_SESSION = timedelta(hours=12)
_POLL = timedelta(minutes=6)  # a page that polls leaves a row each five minutes


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A call as its pages show it; the same for both sides.

    Attributes:
        staff_here, patient_here: whether a page of theirs is in the call now.
    """

    public_id: UUID
    kind: str
    state: str
    requested_by: str
    requested_title: str
    connected_at: datetime | None
    staff_here: bool
    patient_here: bool

    def data(self) -> dict[str, Any]:
        """As a frame carries it."""
        return {
            "state": self.state,
            "kind": self.kind,
            "staff_here": self.staff_here,
            "patient_here": self.patient_here,
            "connected_at": self.connected_at.isoformat() if self.connected_at else None,
        }


def call_by_id(public_id: UUID) -> Call | None:
    """The call with its case as the doors need it; one query."""
    found = Call.objects.select_related("case__patient", "case__holder", "case__started_by", "requested_by")
    return found.filter(public_id=public_id).first()


def facts_of(call: Call) -> CallFacts:
    """What the pages show; one query."""
    here = rules.present(call.moves.order_by("pk"))
    return CallFacts(
        public_id=call.public_id,
        kind=call.kind,
        state=str(call.state),
        requested_by=call.requested_by.full_name,
        requested_title=call.requested_by.title,
        connected_at=call.connected_at,
        staff_here=any(key.startswith("staff:") for key in here),
        patient_here=any(key.startswith("person:") for key in here),
    )


def open_call(case: Case) -> Call | None:
    """The request or call that is not over, if any; one query."""
    return Call.objects.select_related("requested_by").filter(case=case, state__in=OPEN_STATES).first()


def is_online(case: Case) -> bool:
    """Whether the patient, or the guardian who wrote, has a page of the service open (VID-02); two queries.

    Told by the log of live reading: an interval that was begun and has not ended.
    """
    keys = {f"person:{case.patient_id}", f"person:{case.started_by_id}"}
    feeds = [names.patient_chat_feed(case.public_id), *(names.me_feed(key) for key in keys)]
    reads = ReadLog.objects.filter(actor_key__in=keys, object_type="feed", object_id__in=feeds)
    if reads.filter(action="feed_poll", at__gt=Now() - _POLL).exists():
        return True
    begun = reads.filter(action="feed_start", at__gt=Now() - _SESSION)
    ended = reads.filter(action="feed_end", at__lt=Now() - rules.ONLINE_GRACE).values("interval")
    return begun.exclude(interval__in=ended).exists()


def modes_used(case: Case) -> list[str]:
    """The ways in which staff and patient have met in the case, in order: ``chat``, then ``video``, ``voice`` (VID-05).

    A call counts when both were in it. The last is the mode in which the meeting ended.
    """
    connected = Call.objects.filter(case=case, connected_at__isnull=False).order_by("connected_at")
    found = ["chat"]
    for kind in connected.values_list("kind", flat=True):
        if kind in found:
            found.remove(kind)
        found.append(kind)
    return found


def due_to_end() -> list[int]:
    """Primary keys of open calls that the tick may have to end; one query."""
    at = Now() - rules.UNANSWERED_AFTER
    late = Call.objects.filter(state__in=OPEN_STATES, requested_at__lt=at)
    gone = Call.objects.filter(state__in=OPEN_STATES).exclude(case__state="started")
    return sorted({*late.values_list("pk", flat=True), *gone.values_list("pk", flat=True)})


def last_move_at(call: Call) -> datetime | None:
    """When somebody last came or left."""
    move = call.moves.order_by("-pk").first()
    return move.at if move else None


def is_going_on(call: Call) -> bool:
    """Whether it was accepted and is not over."""
    return call.state == CallState.ACCEPTED
