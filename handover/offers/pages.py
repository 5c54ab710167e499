"""What the pages and panels of offers show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cases import queries as case_queries
from cases import rules as case_rules
from cases import shown
from cases.access import OpenCase
from cases.forms import new_form_key
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Membership, User
from direkt1177.residents.queries import person_view
from direkt1177.units import reply_time
from direkt1177.units.clock import now
from direkt1177.units.models import CareRole, Unit
from direkt1177.units.policies import policy
from direkt1177.units.queries import calendar_for
from handover.models import Handover
from handover.offers import picker, rules
from handover.offers.errors import NoReceiver
from handover.offers.forms import OfferForm
from handover.offers.picker import Choice, Purpose, place_of
from handover.offers.queries import OfferRow
from journal import queries as journal_queries


def offer_context(actor: StaffActor, opened: OpenCase, form: OfferForm, *, dialog: bool) -> dict[str, Any]:
    """*Lämna över besök* of one case."""
    case = opened.case
    setting = policy(case.unit)
    return {
        "case": case,
        "case_id": str(case.public_id),
        "person": person_view(case.patient),
        "form": form,
        "groups": picker.tree(actor, purpose=Purpose.OFFER, kind=case.kind, chosen=_value(form, "to")),
        "urgency_words": setting.urgency_labels,
        "chosen_urgency": _value(form, "urgency") or case.urgency,
        "escalation_minutes": setting.handover_escalation_minutes,
        "ticket_url": ticket_url(case),
        "dialog": dialog,
    } | words_context(actor, case, form)


def words_context(actor: StaffActor, case: Case, form: OfferForm) -> dict[str, Any]:
    """What depends on who is chosen: phrase, confirmation, decision aid (CAS-14, HOV-15, REH-03, REH-06)."""
    to, setting, own = _chosen(form), policy(case.unit), place_of(case.unit)
    unit = _unit(to.unit_id) if to else None
    place = place_of(unit) if unit else None
    reply = reply_words(unit, to.role_id if to else None) if unit else ""
    phrase = rules.phrase(setting, to=place, to_words=receiver_words(actor, to, unit), reply_words=reply)
    typed, last = _value(form, "patient_message"), _value(form, "phrase")
    chat_open = case_rules.may_write_in(case, now())
    edited = typed is not None and typed.replace("\r\n", "\n") != (last or "").replace("\r\n", "\n")
    return {
        "form": form,
        "case_id": str(case.public_id),
        "phrase": phrase,
        "patient_text": typed if edited else phrase,
        "must_tell": rules.must_tell_patient(setting),
        "chat_open": chat_open,
        "must_document": place is not None and rules.must_document_first(setting, own, place),
        "may_need_document": place is None,
        "documented": bool(_value(form, "documented_first")),
        "other_unit": unit is not None and unit.pk != actor.unit_id,
        "reads_on": rules.giver_reads_on(setting),
        "rehab": unit is not None and unit.type == Unit.Type.REHAB,
        "reply_words": reply if place is not None and rules.tells_reply_time(setting, place) else "",
        "decision_aid": setting.rehab_decision_aid,
        "note": note_state(case),
        "note_url": f"{reverse('cases:case', args=[case.public_id])}#note-panel",
    }


def receiver_words(actor: StaffActor, to: Choice | None, unit: Unit | None) -> str:
    """Who takes over, for the patient: a role at the same unit, or the other unit's name; never a colleague's name."""
    if to is None or unit is None:
        return "en kollega"
    if unit.pk != actor.unit_id:
        return unit.name
    if to.role_id is None:
        return "en kollega hos oss"
    role = CareRole.objects.filter(pk=to.role_id).first()
    return f"{role.name.lower()} hos oss" if role else "en kollega hos oss"


def reply_words(unit: Unit, role_id: int | None, at: datetime | None = None) -> str:
    """When a unit answers somebody who arrives now (REH-02, REH-03)."""
    at = at or now()
    return reply_time.words_in_swedish(reply_time.reply_window(calendar_for(unit, role_id), at), at)


def note_state(case: Case) -> dict[str, Any]:
    """Whether there is a note, and whether it is signed."""
    note = journal_queries.note_row(case)
    if note is None:
        return {"state": "none", "words": _("No visit note has been saved yet.")}
    if note.signed_at is not None:
        words = _("The visit note was signed by %(name)s.") % {"name": note.signed_name}
        return {"state": "signed", "words": words, "at": note.signed_at}
    author = User.objects.get(pk=note.author_id).full_name
    return {
        "state": "draft",
        "words": _("The visit note is a draft by %(name)s and is not signed.") % {"name": author},
        "at": note.updated_at,
    }


def panel_context(actor: StaffActor, offer: Handover | None, opened: OpenCase | None) -> dict[str, Any]:
    """From whom, what is said, how the note stands, the chat as it is (HOV-02, HOV-05, HOV-14)."""
    context: dict[str, Any] = {"offer": offer, "form_key": new_form_key()}
    if offer is None:
        return context
    to_me = offer.to_unit_id == actor.unit_id and (
        offer.to_user_id == actor.user_id if offer.to_role_id is None else offer.to_role_id == actor.role_id
    )
    mine = offer.from_user_id == actor.user_id and offer.from_unit_id == actor.unit_id and offer.fell_back_at is None
    context |= {"giver": giver_words(offer), "may_decide": to_me and not mine, "may_withdraw": mine}
    if opened is None:
        return context
    case = opened.case
    reads = to_me or mine
    return context | {
        "case": case,
        "case_id": str(case.public_id),
        "person": person_view(case.patient),
        "urgency_word": policy(case.unit).urgency_labels.get(case.urgency, "") if case.urgency else "",
        "note": note_state(case),
        "chat_messages": [shown.message_context(m, case.public_id) for m in case_queries.timeline(case)]
        if reads
        else [],
        "reads_chat": reads,
    }


def row_context(row: OfferRow, actor: StaffActor) -> dict[str, Any]:
    """One line of a list of offers."""
    offer = row.handover
    case = offer.case
    fallen = row.fell_back
    take = reverse("handover:accept_offer", args=[offer.public_id]) if fallen else (
        reverse("cases:receive", args=[case.public_id])
    )  # fmt: skip
    return {
        "id": str(offer.public_id),
        "urgency": case.urgency,
        "urgency_word": row.urgency_word,
        "offered_at": offer.offered_at,
        "arrived_at": case.arrived_at,
        "url": reverse("handover:offer_page", args=[offer.public_id]),
        "name": row.person.name,
        "protected": row.person.masked,
        "age": row.person.age_text,
        "reason": case.contact_reason,
        "giver": giver_words(offer, at_unit=actor.unit_id),
        "giver_id": offer.from_user_id,
        "receiver": receiver_name(offer, at_unit=actor.unit_id),
        "to_me": row.to_me,
        "fallen": fallen,
        "escalated_at": offer.escalated_at,
        "take_url": take,
        "decline_url": reverse("handover:decline_offer", args=[offer.public_id]),
        "readdress_url": reverse("handover:readdress_offer", args=[offer.public_id]),
        "withdraw_url": reverse("handover:withdraw_offer", args=[offer.public_id]),
        "case_url": reverse("cases:case", args=[case.public_id]),
    }


def rows_context(rows: Sequence[OfferRow], actor: StaffActor) -> dict[str, Any]:
    """A list of offers."""
    roles = _roles_of_colleagues(rows)
    found = [row_context(row, actor) | {"role_instead": roles.get(row.handover.to_user_id)} for row in rows]
    return {"rows": found, "form_key": new_form_key()}


def _roles_of_colleagues(rows: Sequence[OfferRow]) -> dict[int | None, dict[str, str]]:
    """For offers to a colleague by name: the colleague's role, to which each can be readdressed; one query."""
    wanted = {(row.handover.to_user_id, row.handover.to_unit_id) for row in rows if row.handover.to_user_id}
    if not wanted:
        return {}
    held = Membership.objects.filter(user_id__in=[user for user, _unit in wanted if user], ended_at__isnull=True)
    return {
        m.user_id: {"value": Choice(m.unit_id, m.role_id, None).value, "name": m.role.name}
        for m in held.select_related("role")
        if (m.user_id, m.unit_id) in wanted
    }


def giver_words(offer: Handover, *, at_unit: int | None = None) -> str:
    """Name and role of the giver, with the unit where it is another."""
    words = f"{offer.from_user.full_name}, {offer.from_role.name.lower()}"
    return words if at_unit == offer.from_unit_id else f"{words}, {offer.from_unit.name}"


def receiver_name(offer: Handover, *, at_unit: int) -> str:
    """Who is asked."""
    name = offer.to_user.full_name if offer.to_user else offer.to_role.name if offer.to_role else ""
    return name if at_unit == offer.to_unit_id else f"{name}, {offer.to_unit.name}"


def ticket_url(case: Case) -> str:
    """Where a ticket is created from the case."""
    from django.urls import NoReverseMatch  # noqa: PLC0415

    try:
        return reverse("handover:new_ticket", args=[case.public_id])
    except NoReverseMatch:
        return ""


def _chosen(form: OfferForm) -> Choice | None:
    try:
        return picker.parse(_value(form, "to") or "")
    except NoReceiver:
        return None


def _unit(pk: int) -> Unit | None:
    return Unit.objects.select_related("provider__region").filter(pk=pk, active=True).first()


def _value(form: OfferForm, name: str) -> Any:
    """What was typed; ``phrase`` is the text that was last prefilled."""
    if form.is_bound:
        return form.data.get(name)
    return form.initial.get(name)
