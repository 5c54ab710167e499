"""What a notice may say (NOT-01). The words carry no patient: they stand in the centre, the page adds the case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handover.models import Notice


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of notice.

    Attributes:
        code: stands in the rows for ever.
        words: what the centre says; ``%(name)s`` takes values from the notice's ``data`` (numbers, dates, own texts).
        icon: of the sprite.
        hot: asks for something to be done now; marked in the list.
        chosen: users choose it themselves under *Notifieringar* (NOT-02); without their choice nobody is told.
        sms: template of the SMS, a policy key; empty means never by SMS.
        choice_words: label of the choice, for those that are chosen.
        everywhere: shown whatever unit the user works at now: a manager's and coordinator's matters.
        link: makes the address behind it from a notice; by default its case, or the queue.
    """

    code: str
    words: Promise | str
    icon: str = "info"
    hot: bool = False
    chosen: bool = False
    sms: str = ""
    choice_words: Promise | str = ""
    everywhere: bool = False
    link: Callable[[Notice], str] | None = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Add a kind (parts that bring their own do so from ``ready.register``).

    Raises:
        ValueError: the code is taken by another.
    """
    if _kinds.setdefault(kind.code, kind) != kind:
        raise ValueError(f"notice kind {kind.code!r} is taken")


def kind_of(code: str) -> Kind:
    """The kind of a notice.

    Raises:
        KeyError: no such kind.
    """
    return _kinds[code]


def everywhere_kinds() -> list[str]:
    """Codes of those shown at every unit."""
    return [kind.code for kind in _kinds.values() if kind.everywhere]


def chosen_kinds() -> list[Kind]:
    """Those that users choose themselves (NOT-02)."""
    return [kind for kind in _kinds.values() if kind.chosen]


def _to_post(notice: Notice) -> str:
    post = notice.acknowledgement
    return reverse("handover:acknowledgement", args=[post.public_id]) if post is not None else ""


NEW_CASE = "new_case"
ASYNC_MESSAGE = "async_message"

for _kind in (
    # a and e
    Kind(
        NEW_CASE, _("A new patient is waiting in your queue."), "inbox", chosen=True, sms="staff_new_sms",
        choice_words=_("A new patient in the queue"),
    ),
    # b
    Kind(
        ASYNC_MESSAGE, _("A patient has written in a follow-up."), "messages-square", chosen=True,
        sms="staff_async_sms", choice_words=_("A new message in a follow-up"),
    ),
    # d
    Kind("unclosed", _("A visit of yours is still open."), "clock", hot=True, sms="staff_unclosed_sms"),
    # f
    Kind(
        "handover_offered", _("A case is offered to you or your role."), "inbox", hot=True,
        link=lambda notice: reverse("handover:offer_page", args=[notice.handover.public_id]) if notice.handover else "",
    ),
    # Whoever gave a case away may not see it any more.
    Kind("handover_accepted", _("Your offer was accepted."), "circle-check", link=lambda _n: reverse("cases:start")),
    Kind("handover_declined", _("Your offer was declined: the case is still yours."), "circle-alert", hot=True),
    Kind("handover_withdrawn", _("An offer to you was withdrawn."), "info"),
    Kind(
        "handover_escalated", _("An offer has waited long and nobody has accepted it."), "circle-alert", hot=True,
        link=lambda _n: reverse("handover:unit_offers"),
    ),
    # g
    Kind("guest_invited", _("A colleague asks you to join a visit as a guest."), "users", hot=True),
    # h
    Kind("acknowledgement", _("There is a new post to acknowledge."), "circle-check", link=_to_post),
    # Left behind
    Kind("released", _("A case of yours was released to its role by a coordinator."), "info"),
    Kind(
        "ownerless", _("A case was left without owner and lies in the role's inbox."), "circle-alert", hot=True,
        link=lambda _notice: reverse("handover:unit_held"),
    ),
    # Tickets
    Kind("ticket_unused", _("An urgent ticket has not been used in time."), "circle-alert", hot=True, link=_to_post),
    Kind("ticket_waits", _("A ticket soon ends and its issuing case is not closed."), "clock", hot=True),
    # Targets
    Kind("assessment_late", _("A patient should have been assessed by now: assess again."), "clock", hot=True),
    Kind("response_late", _("A patient has waited longer than the response target."), "clock", hot=True),
    Kind("queue_late", _("Patients in your queue have waited longer than the response target."), "clock", hot=True),
    Kind("target_escalated", _("A target was passed long ago and nobody has acted."), "circle-alert", hot=True,
         everywhere=True),
    Kind("inactivity", _("A patient has not replied in time: decide how to go on."), "clock", hot=True),
    # End of day
    Kind(
        "closing_time", _("The service closes soon: look through your cases."), "clock", hot=True,
        link=lambda _notice: reverse("handover:end_shift"),
    ),
    Kind("returned", _("An unfinished case went back to the role's queue after closing."), "info"),
    # HRS-20
    Kind("load", _("Many are waiting: %(waiting)s patients in the queue."), "circle-alert", hot=True, everywhere=True),
):  # fmt: skip
    register(_kind)
