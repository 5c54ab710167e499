"""What every page of the entrance has around its question: address, progress, whom it is about."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from direkt1177.accounts.sign_in import ResidentRequest
from direkt1177.questions.flow import position
from triage import queries, rules
from triage.access import open_interview
from triage.engine.assess import next_step
from triage.queries import Loaded
from triage.rules import Page

_NAMES = {
    Page.GATE: "triage:gate",
    Page.CALL_112: "triage:call_112",
    Page.DESCRIBE: "triage:describe",
    Page.RESULT: "triage:result",
    Page.MORE: "triage:more",
    Page.CONSENTS: "triage:consents",
    Page.FEE: "triage:fee",
    Page.SUMMARY: "triage:summary",
}


def new_key() -> str:
    """An idempotency key for a form about to be shown."""
    return uuid.uuid4().hex


def form_key(request: HttpRequest) -> str:
    """The hidden key of a form; one that was tampered with becomes a fresh one (nothing was done with it)."""
    key = request.POST.get("key", "")
    return key if 8 <= len(key) <= 80 and key.isascii() and key.isalnum() else new_key()


def load(request: ResidentRequest, public_id: UUID, *, log: bool = False) -> Loaded:
    """Open an interview for a page."""
    return queries.load(open_interview(actor=request.actor, public_id=public_id, log=log))


def url_of(loaded: Loaded, page: Page) -> str:
    """Address of a page of an interview; for questions, of the first unanswered."""
    if page == Page.QUESTION and loaded.protocol is not None:
        question = next_step(loaded.protocol, loaded.state.answers, loaded.person, go_past=True).question
        number = position(loaded.path, question.id)[0] if question is not None else max(1, len(loaded.path.asked))
        return reverse("triage:question", args=[loaded.interview.public_id, number])
    return reverse(_NAMES[page], args=[loaded.interview.public_id])


def go_on(loaded: Loaded) -> HttpResponse:
    """Redirect to the first page that is not done."""
    return HttpResponseRedirect(url_of(loaded, rules.next_page(loaded.state)))


def unless_due(loaded: Loaded, page: Page) -> HttpResponse | None:
    """A redirect to where the resident is when a page cannot be shown yet (an old link, the address typed)."""
    return None if rules.may_show(page, loaded.state) else go_on(loaded)


def context(loaded: Loaded, page: Page, *, back: Page | str | None = None, **more: Any) -> dict[str, Any]:
    """Context of ``base/flow.html``.

    Args:
        back: the page before, as a page or an address.
    """
    return {
        "interview": loaded.interview,
        "patient": loaded.patient,
        "by_guardian": loaded.by_guardian,
        "name": loaded.patient.first_name if loaded.by_guardian else "",
        "unit": loaded.receiver,
        "route": loaded.route,
        "about": about(loaded),
        "back_url": url_of(loaded, back) if isinstance(back, Page) else back,
        "leave_url": "/",
        "step": _step(loaded, page),
        "protected_self": loaded.patient.masked,
        "key": new_key(),
        **more,
    }


def about(loaded: Loaded) -> dict[str, str]:
    """The line that says on every page whom it is about."""
    if not loaded.by_guardian:
        return {"text": _("This is about you"), "icon": "user"}
    words = _("About %(name)s, %(age)s") % {"name": loaded.patient.first_name, "age": loaded.patient.age_text}
    return {"text": words, "icon": "baby"}


def _step(loaded: Loaded, page: Page) -> dict[str, Any] | None:
    part = rules.PARTS.get(page)
    if part is None:
        return None
    if loaded.interview.ticket is not None:
        part = 1 if page == Page.MORE else 2
        names = {1: _("Add more"), 2: _("Send")}
        marks = ["done" if number < part else "now" if number == part else "todo" for number in (1, 2)]
        return {"part": part, "parts": 2, "name": names[part], "marks": marks, "hint": ""}
    names = {1: _("Tell us"), 2: _("Questions"), 3: _("Add more"), 4: _("Send")}
    marks = ["done" if number < part else "now" if number == part else "todo" for number in (1, 2, 3, 4)]
    return {"part": part, "parts": 4, "name": names[part], "marks": marks, "hint": ""}


def ticket_url(ticket: UUID) -> str:
    """The page of the ticket that an interview was entered with."""
    return reverse("handover:my_ticket", args=[ticket])


def question_hint(number: int, left: int) -> str:
    """How far: the number of questions left is approximate, because questions branch."""
    if left <= 0:
        return _("Question %(number)s, almost done") % {"number": number}
    words = ngettext("Question %(number)s, about %(left)s left", "Question %(number)s, about %(left)s left", left)
    return words % {"number": number, "left": left}
