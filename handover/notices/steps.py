"""Tell staff: notices in their centre, and SMS where row and choice say so (NOT-01..03).

Called inside a ``@command``; the rows, the doorbell and the SMS are stored with whatever the command does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cases.models import Case
from direkt1177.accounts.models import AdminPermission, Membership, Shift
from direkt1177.audit.record import ring
from direkt1177.outbox.effects import EffectSpec, enqueue
from direkt1177.realtime.changes import Change
from direkt1177.units.clock import now
from handover import names
from handover.models import Acknowledgement, Handover, Notice, NoticeChoice, Ticket
from handover.notices.kinds import kind_of


def notify(
    *,
    kind: str,
    key: str,
    unit_id: int,
    users: Iterable[int] = (),
    role_at: tuple[int, int] | None = None,
    coordinators: int | None = None,
    managers: int | None = None,
    case: Case | None = None,
    ticket: Ticket | None = None,
    acknowledgement: Acknowledgement | None = None,
    handover: Handover | None = None,
    data: dict[str, Any] | None = None,
    sms: bool = False,
) -> int:
    """Put a line into the notification centres of all named; the same user and key is one notice.

    Args:
        kind: of ``notices.kinds``.
        key: what it is about, such as ``offer:17``; unique per user.
        unit_id: at which unit; the centre shows a user the notices of the unit where they work now.
        users: user ids.
        role_at: unit and role: those on shift there, or when nobody is, everyone with the role (``on_duty_or_all``).
        coordinators: unit whose coordinating nurses are told.
        managers: unit whose managers (permission *statistics*) are told.
        case, ticket, acknowledgement, handover: what it links to.
        data: values for the words; numbers and own texts only, never a name.
        sms: also by SMS, for kinds that have a template: at once and whatever the user chose (row d). Kinds that users
            choose send SMS by their own choice; ``sms`` is then not needed.

    Returns:
        How many users were told now.
    """
    told = set(users)
    if role_at is not None:
        told |= on_duty_or_all(*role_at)
    if coordinators is not None:
        told |= holders_of(coordinators, AdminPermission.Kind.COORDINATOR)
    if managers is not None:
        told |= holders_of(managers, AdminPermission.Kind.STATISTICS)
    what = kind_of(kind)
    by_sms: set[int] = told if sms and what.sms else set()
    if what.chosen:
        choices = dict(NoticeChoice.objects.filter(user_id__in=told, kind=kind).values_list("user_id", "sms"))
        told = on_shift(unit_id, set(choices))
        by_sms |= {user for user in told if choices[user]}
    rows = [
        Notice(
            user_id=user, unit_id=unit_id, kind=kind, key=key, case=case, ticket=ticket,
            acknowledgement=acknowledgement, handover=handover, data=data or {}, created_at=now(),
        )
        for user in sorted(told)
    ]  # fmt: skip
    known = set(Notice.objects.filter(user_id__in=told, key=key).values_list("user_id", flat=True))
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    fresh = told - known
    ring([Change(names.notices_feed(user), names.NOTICES) for user in sorted(fresh)])
    for user in sorted(by_sms & fresh):
        send_staff_sms(user_id=user, unit_id=unit_id, kind=kind, key=key)
    return len(fresh)


def send_staff_sms(*, user_id: int, unit_id: int, kind: str, key: str) -> None:
    """Ask for an SMS to a member of staff; number, choice and shift are looked at again when it is sent (NOT-03)."""
    enqueue(
        EffectSpec(
            kind="staff_sms",
            key=f"staff_sms:{user_id}:{key}"[:200],
            aggregate=f"staff:{user_id}:sms",
            payload={"user": user_id, "unit": unit_id, "kind": kind},
        )
    )


def mark_read(key: str, *, case_id: int | None = None) -> int:
    """Notices with this key are no longer unread: what they were about is over (an offer taken back, for example)."""
    return mark_all_read([key], cases=None if case_id is None else [case_id])


def mark_all_read(keys: Iterable[str], *, cases: Iterable[int] | None) -> int:
    """Notices about something that is over are no longer unread (an offer taken back, a case answered).

    Args:
        keys: as given to ``notify``.
        cases: primary keys of the cases they link to, where known: that is what the index has.

    Returns:
        How many were unread.
    """
    wanted = list(keys)
    if not wanted:
        return 0
    rows = Notice.objects.filter(key__in=wanted, seen_at__isnull=True)
    if cases is not None:
        rows = rows.filter(case_id__in=list(cases))
    return settle(rows.values_list("pk", flat=True))


def settle(pks: Iterable[int]) -> int:
    """Mark notices as read by primary key and ring their users' counters; how many were unread."""
    rows = Notice.objects.filter(pk__in=list(pks), seen_at__isnull=True)
    users = set(rows.values_list("user_id", flat=True))
    if not users:
        return 0
    changed = rows.update(seen_at=now())
    ring([Change(names.notices_feed(user), names.NOTICES) for user in sorted(users)])
    return changed


def on_duty_or_all(unit_id: int, role_id: int) -> set[int]:
    """Users on shift in a role at a unit; when nobody is, all who hold the role there, so that nothing is lost."""
    shifts = Shift.objects.filter(unit_id=unit_id, role_id=role_id, ended_at__isnull=True, user__is_active=True)
    found = set(shifts.values_list("user_id", flat=True))
    if found:
        return found
    members = Membership.objects.filter(unit_id=unit_id, role_id=role_id, ended_at__isnull=True, user__is_active=True)
    return set(members.values_list("user_id", flat=True))


def on_shift(unit_id: int, users: set[int]) -> set[int]:
    """Those with a shift at the unit that has not ended: the shift decides, not the session (NOT-03)."""
    rows = Shift.objects.filter(unit_id=unit_id, user_id__in=users, ended_at__isnull=True, user__is_active=True)
    return set(rows.values_list("user_id", flat=True))


def holders_of(unit_id: int, kind: str) -> set[int]:
    """Users with an administrative permission at a unit."""
    rows = AdminPermission.objects.filter(unit_id=unit_id, kind=kind, ended_at__isnull=True, user__is_active=True)
    return set(rows.values_list("user_id", flat=True))
