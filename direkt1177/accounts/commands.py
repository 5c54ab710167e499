"""Signing in and out, shifts, the own profile: one durable transaction each."""

from __future__ import annotations

from direkt1177.accounts import leaving, queries, steps
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.errors import OngoingCases, ShiftTypeNeeded
from direkt1177.accounts.events import ProfileChanged, ShiftStarted, SignedIn, SignedOut
from direkt1177.accounts.models import Shift, User
from direkt1177.audit.actor import Actor
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import Invalid, NotFound
from direkt1177.residents.numbers import NumberError, parse_mobile
from direkt1177.units.clock import now


@command
def note_signed_in(*, actor: Actor) -> None:
    """Put a sign-in into the log."""
    record(SignedIn(actor.key), actor=actor)


@command
def note_signed_out(*, actor: Actor) -> None:
    """Put a sign-out into the log and ring the sockets; a shift goes on (AUTH-17, SHF-03)."""
    record(SignedOut(actor.key), actor=actor)


@command
def start_shift(*, actor: StaffActor, shift_type: str = "", load_balancer: bool | None = None) -> Shift:
    """Start a shift at the actor's unit, or go on with the one that runs there (SHF-01, SHF-02).

    The first time the shift type must be chosen; later it is the user's setting (AUTH-08, AUTH-09). Work at another
    unit ends there: see ``change_unit``.

    Args:
        actor: user, unit and role.
        shift_type: value of ``User.ShiftType``; needed while the user has none stored.
        load_balancer: the switch *Lastbalanserare*; None leaves it as it is.

    Raises:
        ShiftTypeNeeded: no type stored and none, or an unknown one, given.
        NotFound: the membership has ended meanwhile.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id)
    _still_member(actor)
    chosen = shift_type or user.shift_type
    if chosen not in User.ShiftType.values:
        raise ShiftTypeNeeded
    user.shift_type = chosen
    if load_balancer is not None:
        user.load_balancer_enabled = load_balancer
    user.save(update_fields=["shift_type", "load_balancer_enabled"])
    return _start(actor, chosen)


@command
def change_unit(*, actor: StaffActor, membership_id: int) -> StaffActor:
    """Leave the unit and start at another: the shift at the left one ends, other sessions end too (SHF-07, L-02).

    Returns:
        The actor at the new unit, with the raised ``authz_epoch``.

    Raises:
        NotFound: no such active membership of the actor.
        OngoingCases: cases are still held at the unit to be left.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id)
    to = queries.staff_actor(user_id=actor.user_id, membership_id=membership_id, session_key=actor.session_key)
    if to is None:
        raise NotFound
    if to.unit_id == actor.unit_id:
        return to
    # Whoever takes a case locks the shift too, so that no case slips in between counting and ending.
    Shift.objects.select_for_update(no_key=True).filter(
        user_id=actor.user_id, unit_id=actor.unit_id, ended_at=None
    ).first()
    if held := leaving.held_at(actor.user_id, actor.unit_id):
        raise OngoingCases(held)
    if actor.shift_id is not None:
        steps.end_shift(actor=actor, shift_id=actor.shift_id)
    steps.raise_epoch(user.pk)
    _start(to, user.shift_type or User.ShiftType.PRIMARY_ON_CALL)
    there = queries.staff_actor(user_id=user.pk, membership_id=membership_id, session_key=actor.session_key)
    if there is None:
        raise NotFound
    return there


@command
def update_profile(
    *, actor: StaffActor, first_name: str, last_name: str, title: str, mobile: str, load_balancer: bool
) -> User:
    """A member of staff's own profile; the patient sees name and title (AUTH-11, AUTH-13).

    Raises:
        Invalid: a name or the title is empty, or the mobile number is none.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=actor.user_id)
    names = (first_name.strip(), last_name.strip(), title.strip())
    if not all(names):
        raise Invalid
    try:
        number = parse_mobile(mobile) if mobile.strip() else ""
    except NumberError as error:
        raise Invalid from error
    new = dict(zip(("first_name", "last_name", "title"), names, strict=True))
    wanted: dict[str, str | bool] = {**new, "mobile": number, "load_balancer_enabled": load_balancer}
    fields = tuple(name for name, value in wanted.items() if getattr(user, name) != value)
    for name in fields:
        setattr(user, name, wanted[name])
    if fields:
        user.save(update_fields=fields)
        record(ProfileChanged(user.pk, fields), actor=actor)
    return user


def _still_member(actor: StaffActor) -> None:
    if queries.staff_actor(user_id=actor.user_id, membership_id=actor.membership_id) is None:
        raise NotFound


def _start(actor: StaffActor, shift_type: str) -> Shift:
    """Under the user's row lock: the running shift at the unit in the present role, or a new one."""
    running = Shift.objects.filter(user_id=actor.user_id, unit_id=actor.unit_id, ended_at__isnull=True).first()
    if running is not None and running.role_id == actor.role_id:
        return running
    if running is not None:  # the role was replaced (ORG-06)
        steps.end_shift(actor=actor, shift_id=running.pk)
    shift = Shift.objects.create(
        user_id=actor.user_id,
        unit_id=actor.unit_id,
        role_id=actor.role_id,
        shift_type=shift_type,
        started_at=now(),
    )
    record(ShiftStarted(shift.pk, actor.user_id, actor.unit_id, actor.role_code), actor=actor)
    return shift
