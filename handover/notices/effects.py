"""The SMS to a member of staff (NOT-01 a, b, d, e): ready words, nothing of any patient."""

from __future__ import annotations

from typing import Any

from direkt1177.accounts.models import User
from direkt1177.outbox.gateways import sms_gateway
from direkt1177.outbox.models import Effect
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from handover.models import NoticeChoice
from handover.notices.kinds import kind_of
from handover.notices.rules import may_get_sms
from handover.notices.steps import on_shift


def send_staff_sms(effect: Effect) -> str | None:
    """Send the unit's ready text; number, choice and shift are those of the moment of sending.

    Returns:
        ``no_number`` or ``quiet`` when nothing was sent.
    """
    payload: dict[str, Any] = effect.payload
    kind = kind_of(payload["kind"])
    user = User.objects.get(pk=payload["user"])
    unit = Unit.objects.select_related("provider__region").get(pk=payload["unit"])
    if not user.mobile:
        return "no_number"
    settings = policy(unit)
    allowed = may_get_sms(
        by_choice=kind.chosen,
        chosen=NoticeChoice.objects.filter(user=user, kind=kind.code, sms=True).exists(),
        on_shift=bool(on_shift(unit.pk, {user.pk})),
        active=user.is_active,
        work_phones=settings.work_phones_allowed,
    )
    if not allowed:
        return "quiet"
    sms_gateway().send(reference=effect.key, to=user.mobile, text=getattr(settings, kind.sms))
    return None
