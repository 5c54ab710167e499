"""What the resident reads after the questions, and what is asked then without altering the urgency (TRI-05, TRI-06)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.errors import ImageRefused
from cases.models import Upload
from cases.uploads import remove_pending_image, store_image
from direkt1177.accounts.sign_in import ResidentRequest, resident_page
from direkt1177.audit import limits
from direkt1177.audit.refusals import NotFound
from direkt1177.questions import answers, kinds
from direkt1177.questions.rendering import view_of
from direkt1177.residents.queries import today
from triage import commands, queries, rules
from triage.commands.answering import WORDS_LIMIT
from triage.engine.model import CareLevel
from triage.queries import Loaded
from triage.rules import Page
from triage.views.frame import context, go_on, load, ticket_url, unless_due

_CHOOSE = "choice"


@require_http_methods(["GET", "POST"])
@resident_page
def result(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """What to do and how soon, in words; never a number."""
    loaded = load(request, public_id, log=request.method == "GET")
    redirect = unless_due(loaded, Page.RESULT)
    assessment = queries.assessment_of(loaded)
    if redirect is not None or assessment is None or loaded.protocol is None:
        return redirect or go_on(loaded)
    level = rules.shown_level(assessment.care_level, enabled=queries.computed_urgency_enabled())
    self_care = loaded.protocol.self_care if level is CareLevel.SELF_CARE else None
    error = ""
    if request.method == "POST":
        choice = request.POST.get(_CHOOSE)
        if choice == "satisfied" and self_care is not None:
            commands.end_with_self_care(actor=request.actor, interview_id=public_id)
            return HttpResponseRedirect(reverse("triage:done", args=[public_id]))
        if choice == "go_on":
            commands.continue_after_result(actor=request.actor, interview_id=public_id, to_staff=self_care is not None)
            return go_on(load(request, public_id))
        error = _("Choose one of the answers.")
    voice = loaded.voice
    words = loaded.protocol.results.get(level.value)
    last = len(loaded.path.asked)
    page = context(
        loaded,
        Page.RESULT,
        back=reverse("triage:question", args=[public_id, last]),
        self_care=self_care is not None,
        level=level.value,
        icon_name=words.icon if words is not None else "circle-check",
        tag=words.tag if words is not None else "",
        title=voice(self_care.title if self_care else words.title if words else ""),
        text=voice(self_care.text if self_care else words.text if words else ""),
        advice_112=assessment.advice_112,
        error=error,
        **advice_context(loaded),
    )
    return render(request, "triage/result.html", page, status=422 if error else 200)


def advice_context(loaded: Loaded) -> dict[str, Any]:
    """Self-care advice and safety net in the reader's voice."""
    protocol, voice = loaded.protocol, loaded.voice
    advice = protocol.self_care.advice if protocol is not None and protocol.self_care is not None else ()
    net = protocol.safety_net if protocol is not None else ()
    return {
        "advice": [{"icon": a.icon, "title": voice(a.title), "text": voice(a.text)} for a in advice],
        "safety_net": [{"text": voice(line.text), "call": line.call} for line in net],
    }


@require_http_methods(["GET", "POST"])
@resident_page
def more(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """Questions after the result, pictures and free text; none of it alters the urgency (TRI-06, TRI-08)."""
    loaded = load(request, public_id)
    redirect = unless_due(loaded, Page.MORE)
    if redirect is not None or loaded.protocol is None:
        return redirect or go_on(loaded)
    asked = loaded.post_path.asked
    if request.method != "POST":
        shown = _post_views(loaded, asked, {})
        return _more_page(request, loaded, shown, loaded.interview.added_text, [])
    sent = dict(request.POST.lists())
    text = answers.clean_text(request.POST.get("added_text", ""))
    image_errors = _take_images(request, loaded)
    checked = {item.id: answers.check(item, sent) for item in asked if not isinstance(item, kinds.Image)}
    # A yes/no question after the result may be left out; only an answer that is none is an error.
    bad = {key: outcome for key, outcome in checked.items() if not outcome.ok and outcome.typed}
    problems = list(image_errors)
    if len(text) > WORDS_LIMIT:
        too_long = _("The text can be at most %(limit)s characters. Shorten it.") % {"limit": WORDS_LIMIT}
        problems.append(("id_added_text", too_long))
    if request.POST.get("stay") or bad or problems:
        shown = _post_views(loaded, asked, checked)
        return _more_page(request, loaded, shown, request.POST.get("added_text", ""), problems)
    good = {key: outcome.value for key, outcome in checked.items() if outcome.ok and outcome.value is not None}
    commands.answer_more(actor=request.actor, interview_id=public_id, answers=good, text=text)
    return go_on(load(request, public_id))


def _post_views(loaded: Loaded, asked: Any, checked: dict[str, answers.Checked]) -> list[Any]:
    saved = loaded.interview.post_answers
    return [
        view_of(
            item,
            voice=loaded.voice,
            saved=saved.get(item.id),
            checked=_kept(checked.get(item.id)),
            today=today(),
            big=False,
        )
        for item in asked
    ]


def _kept(outcome: answers.Checked | None) -> answers.Checked | None:
    """Show what was typed again, but an empty optional answer is no error."""
    if outcome is None or outcome.typed:
        return outcome
    return answers.Checked(outcome.value, "", ())


def _take_images(request: ResidentRequest, loaded: Loaded) -> list[tuple[str, str]]:
    """Store pictures and take away what was removed; returns errors for the page."""
    removed = request.POST.get("remove", "")
    if removed:
        try:
            remove_pending_image(actor=request.actor, upload_id=UUID(removed))
        except (ValueError, NotFound):
            return []
    problems: list[tuple[str, str]] = []
    for item in (q for q in loaded.post_path.asked if isinstance(q, kinds.Image)):
        field = f"{answers.field_name(item)}_file"
        target = f"id_{answers.field_name(item)}"
        room = item.max_images - len(queries.pictures(loaded.interview.public_id))
        for file in request.FILES.getlist(field):
            if room <= 0:
                outcome = answers.check(item, {answers.field_name(item): [str(n) for n in range(item.max_images + 1)]})
                problems.append((target, outcome.error))
                break
            try:
                limits.require("image", request.actor.key)
                store_image(
                    actor=request.actor,
                    file=file,
                    origin=Upload.Origin.POST_TRIAGE,
                    interview=loaded.interview.public_id,
                    question=item.id,
                )
                room -= 1
            except (ImageRefused, limits.TooOften) as refusal:
                problems.append((target, str(refusal.message)))
    return problems


def _more_page(
    request: ResidentRequest, loaded: Loaded, shown: list[Any], text: str, problems: list[tuple[str, str]]
) -> HttpResponse:
    errors = [(item.target, item.error) for item in shown if item.error] + problems
    page = context(
        loaded,
        Page.MORE,
        back=Page.RESULT if loaded.interview.ticket is None else ticket_url(loaded.interview.ticket),
        views=shown,
        added_text=text,
        pictures=queries.pictures(loaded.interview.public_id),
        errors=errors,
        image_errors=[text for target, text in problems if target != "id_added_text"],
        text_error="".join(text for target, text in problems if target == "id_added_text"),
    )
    return render(request, "triage/more.html", page, status=422 if errors else 200)
