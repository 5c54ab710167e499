"""Gate, *Ring 112 nu*, own words, and one question a page (TRI-01, design §5)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from direkt1177.accounts.sign_in import ResidentRequest, resident_page
from direkt1177.questions import answers
from direkt1177.questions.conditions import CAUTIOUS, holds
from direkt1177.questions.flow import position, walk
from direkt1177.questions.rendering import view_of
from direkt1177.residents.queries import today
from triage import commands, search, steps
from triage.engine.assess import facts_of, next_step
from triage.engine.model import Sign
from triage.forms import DescribeForm
from triage.queries import Loaded
from triage.rules import Page
from triage.views.frame import context, go_on, load, question_hint, unless_due, url_of


@require_http_methods(["GET", "POST"])
@resident_page
def gate(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """The emergency gate opens every interview; "ja eller osäker" is one answer."""
    loaded = load(request, public_id)
    error = ""
    if request.method == "POST":
        answer = request.POST.get("answer")
        if answer in ("yes", "no"):
            commands.answer_gate(actor=request.actor, interview_id=public_id, yes_or_unsure=answer == "yes")
            return go_on(load(request, public_id))
        error = _("Choose one of the answers.")
    signs = [{"icon": item.icon, "text": loaded.voice(item.text)} for item in _signs(loaded)]
    page = context(loaded, Page.GATE, back=reverse("triage:start"), signs=signs, error=error)
    return render(request, "triage/gate.html", page, status=422 if error else 200)


@require_http_methods(["GET", "POST"])
@resident_page
def call_112(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """The full page *Ring 112 nu*, with two ways on; the answers are kept."""
    loaded = load(request, public_id)
    redirect = unless_due(loaded, Page.CALL_112)
    if redirect is not None:
        return redirect
    error = ""
    if request.method == "POST":
        choice = request.POST.get("choice")
        if choice == "called":
            commands.end_with_112(actor=request.actor, interview_id=public_id)
            return HttpResponseRedirect(reverse("triage:done", args=[public_id]))
        if choice == "contact":
            commands.choose_contact_after_112(actor=request.actor, interview_id=public_id)
            return go_on(load(request, public_id))
        error = _("Choose one of the answers.")
    way_back = _back_to_what_led_here(loaded)
    page = context(
        loaded,
        Page.CALL_112,
        back=way_back,
        emergency_text=loaded.policy.emergency_text,
        unsure_url=way_back,
        error=error,
    )
    return render(request, "triage/call_112.html", page, status=422 if error else 200)


@require_http_methods(["GET", "POST"])
@resident_page
def describe(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """Own words first, then the contact reason that fits best (TRI-01)."""
    loaded = load(request, public_id)
    redirect = unless_due(loaded, Page.DESCRIBE)
    if redirect is not None:
        return redirect
    interview = loaded.interview
    if request.method != "POST":
        form = DescribeForm(initial={"text": interview.own_words, "reason": interview.contact_reason_code})
        return _describe_page(request, loaded, form, interview.own_words, interview.contact_reason_code)
    form = DescribeForm(request.POST)
    typed, reason_id = request.POST.get("text", ""), request.POST.get("reason", "")
    if not form.is_valid():
        return _describe_page(request, loaded, form, typed, reason_id, status=422)
    text, reason_id = form.cleaned_data["text"], form.cleaned_data["reason"]
    if not reason_id or request.POST.get("look"):
        commands.save_words(actor=request.actor, interview_id=public_id, text=text)
        asked = not reason_id and not request.POST.get("look") and text == interview.own_words
        return _describe_page(request, loaded, form, text, reason_id, status=422 if asked else 200, must_choose=asked)
    commands.describe_complaint(actor=request.actor, interview_id=public_id, text=text, reason_id=reason_id)
    return go_on(load(request, public_id))


@require_POST
@resident_page
def suggestions(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """Fragment: what fits the words so far; saves them on the way. POST, so that no symptom stands in an address."""
    loaded = load(request, public_id)
    form = DescribeForm(request.POST)
    text = request.POST.get("text", "")
    if "text" in form.errors:
        saved = False
    else:
        form.is_valid()
        commands.save_words(actor=request.actor, interview_id=public_id, text=form.cleaned_data["text"])
        saved = True
    fragment = {**_suggested(text, request.POST.get("reason", "")), "interview": loaded.interview, "saved": saved}
    return render(request, "triage/_suggestions.html", {**fragment, "announce": True})


@require_http_methods(["GET", "POST"])
@resident_page
def question(request: ResidentRequest, public_id: UUID, number: int) -> HttpResponse:
    """One question a page, with back and progress; the saved answer is shown again."""
    loaded = load(request, public_id)
    redirect = unless_due(loaded, Page.QUESTION) if loaded.protocol is not None else go_on(loaded)
    if redirect is not None:
        return redirect
    path = loaded.path
    first_open = next((index for index, item in enumerate(path.asked) if item.id not in path.answers), len(path.asked))
    if loaded.protocol is None or not 1 <= number <= min(first_open + 1, len(path.asked)):
        return go_on(loaded)
    asked = path.asked[number - 1]
    checked = None
    if request.method == "POST":
        # The address has a number; what is answered is the question that was shown.
        if request.POST.get("question") not in ("", None, asked.id):
            return go_on(loaded)
        checked = answers.check(asked, dict(request.POST.lists()))
        if checked.ok and checked.value is not None:
            dropped = commands.answer_question(
                actor=request.actor, interview_id=public_id, question_id=asked.id, value=checked.value
            )
            return _after_answer(request, load(request, public_id), asked.id, dropped=dropped)
    shown = view_of(
        asked, voice=loaded.voice, saved=path.answers.get(asked.id), checked=checked, today=today(), big=True
    )
    _number, left = position(path, asked.id)
    back = reverse("triage:question", args=[public_id, number - 1]) if number > 1 else Page.DESCRIBE
    page = context(loaded, Page.QUESTION, back=back, q=shown)
    page["step"]["hint"] = question_hint(number, left)
    page["errors"] = [(shown.target, shown.error)] if shown.error else []
    return render(request, "triage/question.html", page, status=422 if shown.error else 200)


def _after_answer(request: ResidentRequest, loaded: Loaded, question_id: str, *, dropped: bool) -> HttpResponse:
    """The next question after the one answered; a way back through answered ones goes on one by one."""
    if dropped:
        messages.info(request, _("You changed an answer. Some questions no longer apply and were taken away."))
    if loaded.protocol is None or next_step(loaded.protocol, loaded.state.answers, loaded.person).emergency is not None:
        return go_on(loaded)
    number, _left = position(loaded.path, question_id)
    following = loaded.path.asked[number : number + 1]
    if request.GET.get("fran") == "kontroll" and loaded.path.complete:
        return go_on(loaded)
    if following and following[0].id in loaded.path.answers and not loaded.path.complete:
        return HttpResponseRedirect(reverse("triage:question", args=[loaded.interview.public_id, number + 1]))
    return go_on(loaded)


def _signs(loaded: Loaded) -> list[Sign]:
    lookup = walk((), {}, facts_of(loaded.person)).lookup
    return [item for item in steps.general_gate() if item.when is None or holds(item.when, lookup, CAUTIOUS)]


def _back_to_what_led_here(loaded: Loaded) -> str:
    """Where a mis-tap is put right: the gate, or the last question answered."""
    if loaded.interview.gate_answer == "yes" or loaded.protocol is None:
        return url_of(loaded, Page.GATE)
    path = loaded.path
    answered = [number for number, item in enumerate(path.asked, 1) if item.id in path.answers]
    return reverse("triage:question", args=[loaded.interview.public_id, max(answered, default=1)])


def _describe_page(
    request: ResidentRequest,
    loaded: Loaded,
    form: DescribeForm,
    text: str,
    reason_id: str,
    *,
    status: int = 200,
    must_choose: bool = False,
) -> HttpResponse:
    reason_error = _("Choose what fits best.") if must_choose else _first(form, "reason")
    errors = [("id_text", error) for error in form.errors.get("text", [])]
    suggested = _suggested(text, reason_id)
    if reason_error:
        errors.append(("id_reason_0", reason_error))
    page = context(
        loaded,
        Page.DESCRIBE,
        back=Page.GATE,
        form=form,
        text=text,
        text_error=_first(form, "text"),
        reason_error=reason_error,
        areas=search.areas(),
        errors=errors,
        saved=status == 200 and bool(loaded.interview.own_words),
        **suggested,
    )
    return render(request, "triage/describe.html", page, status=status)


def _first(form: DescribeForm, name: str) -> str:
    errors = form.errors.get(name)
    return str(errors[0]) if errors else ""


def _suggested(text: str, reason_id: str) -> dict[str, object]:
    """The suggestions for a text, with the choice already made kept among them."""
    hits = [hit.reason for hit in search.search(text)]
    chosen = search.reasons().get(reason_id)
    if chosen is not None and chosen not in hits and chosen != search.OTHER:
        hits.insert(0, chosen)
    return {
        "suggestions": [*hits, search.OTHER] if text.strip() or chosen else [],
        "other": search.OTHER,
        "chosen": reason_id,
        "count": len(hits),
    }
