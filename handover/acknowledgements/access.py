"""The doors to acknowledgements: the addressee, and the unit's coordinator; never a resident (ACK-02, ACK-05)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.accounts.models import AdminPermission
from direkt1177.audit.read_log import log_read
from direkt1177.audit.refusals import NotFound
from handover.acknowledgements import queries, rules
from handover.models import Acknowledgement


def is_coordinator(actor: StaffActor) -> bool:
    """Whether the actor watches the unit's acknowledgements."""
    return AdminPermission.Kind.COORDINATOR in actor.permissions


def may_act(actor: StaffActor, post: Acknowledgement) -> bool:
    """Whether a post is for the actor, or at the unit they coordinate."""
    if rules.is_addressee(post, user_id=actor.user_id, unit_id=actor.unit_id, role_id=actor.role_id):
        return True
    return post.unit_id == actor.unit_id and is_coordinator(actor)


def open_post(*, actor: AnyActor | None, public_id: UUID) -> queries.Post:
    """Open one post; logged.

    Raises:
        NotFound: absent, somebody else's, or a resident asks.
    """
    if not isinstance(actor, StaffActor):
        raise NotFound
    with transaction.atomic():
        row = queries.post_row(public_id)
        if row is None or not may_act(actor, row):
            raise NotFound
        log_read(
            actor=actor,
            action="open",
            object_type="acknowledgement",
            object_id=str(public_id),
            patients=[row.patient_id],
            basis="acknowledgement",
        )
        return queries.view_of(row, actor)


def list_posts(*, actor: StaffActor) -> list[queries.Post]:
    """Outstanding posts for the actor, the oldest first; the log names everyone shown (ACK-06)."""
    return _listed(actor, "acknowledgements", lambda: queries.outstanding_for(actor))


def list_unit(*, actor: StaffActor) -> list[queries.Post]:
    """The unit's outstanding posts, for its coordinator (ACK-05).

    Raises:
        NotFound: no coordinator.
    """
    if not is_coordinator(actor):
        raise NotFound
    return _listed(actor, "unit_acknowledgements", lambda: queries.outstanding_at(actor))


def _listed(actor: StaffActor, name: str, read: queries.Reader) -> list[queries.Post]:
    with transaction.atomic():
        posts = read()
        patients = sorted({post.patient_id for post in posts})
        if patients:
            basis = "acknowledgement"
            log_read(actor=actor, action="list", object_type="list", object_id=name, patients=patients, basis=basis)
        return posts
