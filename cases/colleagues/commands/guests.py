"""Inviting a colleague, what the guest may do, and the end of it (CHT-14..18). The case is locked first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from cases import access
from cases.colleagues import queries, rules, steps, texts
from cases.colleagues.errors import AlreadyGuest, GuestGone, GuestNotOnDuty, NoGuest, NoGuestsNow, OwnInvitation
from cases.colleagues.events import GuestInvited, GuestModeChanged
from cases.colleagues.models import Guest
from cases.locking import lock_case, lock_held
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.idempotency import once
from direkt1177.audit.record import command
from direkt1177.audit.refusals import NotFound
from direkt1177.units.clock import now


@dataclass(frozen=True, slots=True)
class GuestDone:
    """A guest after a command; the same again when the same key is sent again."""

    guest_id: str
    mode: str


@command
def invite_guest(
    *, actor: StaffActor, case_id: UUID | str, user_id: int, unit_id: int, mode: str, key: str
) -> GuestDone:
    """*Bjud in*: let a colleague into the case; the holder stays responsible (CHT-14, CHT-18).

    Args:
        actor: the holder.
        case_id: public id.
        user_id, unit_id: who, on duty there; the own unit or another of the same care provider.
        mode: ``consult`` (writes internally) or ``participate`` (writes to the patient).
        key: idempotency key.

    Raises:
        NoGuest: no such mode.
        OwnInvitation: the holder.
        GuestNotOnDuty: no active shift there, or another care provider's unit.
        AlreadyGuest: invited twice.
        NoGuestsNow: nobody works in the case.
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``; a guest invites nobody (I-09).
    """
    ident = access.parse_id(case_id)
    if mode not in Guest.Mode.values:
        raise NoGuest

    def invite() -> GuestDone:
        case = lock_held(actor, ident)
        if not rules.has_guests(case.state, case.holder_id):
            raise NoGuestsNow
        if user_id == case.holder_id:
            raise OwnInvitation
        shift = queries.shift_of(user_id, unit_id, case.provider_id)
        if shift is None:
            raise GuestNotOnDuty
        if Guest.objects.filter(case=case, user_id=user_id, ended_at__isnull=True).exists():
            raise AlreadyGuest
        guest = Guest.objects.create(
            case=case, user=shift.user, unit_id=unit_id, role_id=shift.role_id, mode=mode,
            invited_by_id=actor.user_id, invited_at=now(),
        )  # fmt: skip
        seq = steps.say(case, texts.invited(steps.who(shift.user), mode), f"invited-{guest.public_id}")
        steps.record_guest(GuestInvited, case, guest, actor=actor, seq=seq)
        return GuestDone(str(guest.public_id), mode)

    body = {"case": str(ident), "user": user_id, "unit": unit_id, "mode": mode}
    return GuestDone(**once(actor=actor, key=key, command="invite_guest", body=body, do=lambda: asdict(invite())))


@command
def change_guest_mode(*, actor: StaffActor, case_id: UUID | str, guest_id: UUID | str, mode: str) -> GuestDone:
    """Let the guest write to the patient, or only internally (CHT-16); harmless when repeated.

    Raises:
        NoGuest: no such mode.
        GuestGone: left or removed.
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """
    if mode not in Guest.Mode.values:
        raise NoGuest
    case = lock_held(actor, access.parse_id(case_id))
    guest = _locked(case, guest_id)
    if guest.mode != mode:
        guest.mode = mode
        guest.save(update_fields=["mode"])
        seq = steps.say(
            case, texts.mode_changed(steps.who(guest.user), mode), f"mode-{guest.public_id}-{now():%Y%m%d%H%M%S%f}"
        )
        steps.record_guest(GuestModeChanged, case, guest, actor=actor, seq=seq)
    return GuestDone(str(guest.public_id), mode)


@command
def end_guest(*, actor: StaffActor, case_id: UUID | str, guest_id: UUID | str) -> GuestDone:
    """*Lämna* by the guest, *Ta bort* by the holder: every right in the case ends (I-09).

    Raises:
        GuestGone: left or removed already.
        NotFound: neither the holder nor that guest.
        HeldByColleague: somebody else at the unit holds it.
    """
    case = lock_case(case_id)
    basis = access.basis_for(actor, case)
    if basis not in ("holder", rules.CONSULTS, rules.TAKES_PART):
        raise NotFound
    guest = _locked(case, guest_id)
    if basis != "holder" and guest.user_id != actor.user_id:
        raise NotFound
    ending = Guest.Ending.REMOVED if basis == "holder" else Guest.Ending.LEFT
    steps.end_guest(case, guest, ending=ending, actor=actor)
    return GuestDone(str(guest.public_id), str(guest.mode))


def _locked(case: Case, guest_id: UUID | str) -> Guest:
    """The guest under its row lock, after its case.

    Raises:
        NotFound: no such guest of this case.
        GuestGone: the right has ended.
    """
    found = Guest.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
    guest = found.filter(case=case, public_id=access.parse_id(guest_id)).first()
    if guest is None:
        raise NotFound
    if guest.ended_at is not None:
        raise GuestGone
    return guest
