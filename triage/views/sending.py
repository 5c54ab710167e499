"""From consents to the waiting room: fee, summary, sending, and administrative questions (ENT-32..37)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cases.models import Case
from direkt1177.accounts.sign_in import ResidentRequest, resident_page
from direkt1177.audit import limits
from direkt1177.questions import wording
from direkt1177.questions.flow import position
from triage import commands, queries, rules
from triage.access import open_interview
from triage.commands.ending import NEVER, unread_until
from triage.forms import AdminQuestionForm, ConsentForm
from triage.queries import Loaded
from triage.rules import Page
from triage.views.frame import context, form_key, go_on, load, ticket_url, unless_due
from triage.views.result import advice_context


@require_http_methods(["GET", "POST"])
@resident_page
def consents(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """*Lämna samtycke*: care history and medication list apart, nothing chosen from the start (ENT-32)."""
    loaded = load(request, public_id)
    redirect = unless_due(loaded, Page.CONSENTS)
    if redirect is not None:
        return redirect
    saved = {item: "yes" if allowed else "no" for item, allowed in loaded.interview.consents.items()}
    form = ConsentForm(request.POST if request.method == "POST" else None, initial=saved)
    if request.method == "POST" and form.is_valid():
        given = {item: form.cleaned_data[item] == "yes" for item in rules.CONSENT_ITEMS}
        commands.give_consents(actor=request.actor, interview_id=public_id, consents=given)
        return go_on(load(request, public_id))
    back = Page.CALL_112 if loaded.interview.contact_after_112 else Page.MORE
    page = context(loaded, Page.CONSENTS, back=back, form=form, scope=loaded.policy.consent_scope)
    page["chosen"] = {item: form[item].value() or "" for item in rules.CONSENT_ITEMS}
    labels = {"care_history": _("Care history"), "medication_list": _("Medication list")}
    page["errors"] = [(f"id_{name}_0", f"{labels[name]}: {texts[0]}") for name, texts in form.errors.items()]
    return render(request, "triage/consents.html", page, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@resident_page
def fee(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """*Information om patientavgifter*: no way past it (ENT-36)."""
    loaded = load(request, public_id)
    redirect = unless_due(loaded, Page.FEE)
    if redirect is not None:
        return redirect
    if request.method == "POST" and request.POST.get("version") == loaded.policy.fee_text_version:
        version = loaded.policy.fee_text_version
        commands.accept_fee(actor=request.actor, interview_id=public_id, text_version=version)
        return go_on(load(request, public_id))
    stale = request.method == "POST"
    page = context(
        loaded,
        Page.FEE,
        back=Page.CONSENTS,
        fee_text=loaded.policy.fee_text,
        fee_text_version=loaded.policy.fee_text_version,
        stale=stale,
    )
    return render(request, "triage/fee.html", page, status=422 if stale else 200)


@require_http_methods(["GET", "POST"])
@resident_page
def summary(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """Everything once more, with the name of the receiving unit, and *Skicka* (ENT-07)."""
    opened = open_interview(actor=request.actor, public_id=public_id, log=request.method == "GET", ended=True)
    if opened.interview.case is not None:
        return HttpResponseRedirect(reverse("cases:mine_case", args=[opened.interview.case.public_id]))
    if opened.interview.outcome != opened.interview.Outcome.OPEN:
        return HttpResponseRedirect(reverse("triage:done", args=[public_id]))
    loaded = queries.load(opened)
    redirect = unless_due(loaded, Page.SUMMARY)
    if redirect is not None:
        return redirect
    if request.method == "POST":
        return send(request, loaded)
    path = loaded.path
    rows = [
        {"row": row, "url": reverse("triage:question", args=[public_id, position(path, row.question_id)[0]])}
        for row in wording.worded(path, loaded.voice)
    ]
    ticket, administrative = loaded.interview.ticket, loaded.interview.kind == Case.Kind.ADMIN_QUESTION
    page = context(
        loaded,
        Page.SUMMARY,
        back=ticket_url(ticket) if ticket is not None and administrative else Page.FEE,
        asks_care=not administrative,
        rows=rows,
        after=wording.worded(loaded.post_path, loaded.voice),
        pictures=queries.pictures(public_id),
        consents=[(item, loaded.interview.consents.get(item)) for item in rules.CONSENT_ITEMS],
    )
    return render(request, "triage/summary.html", page)


@require_http_methods(["GET", "POST"])
@resident_page
def write_question(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """An administrative question: free text, no assessment, to the queue of *Medicinsk admin* (ENT-02, QUE-20)."""
    opened = open_interview(actor=request.actor, public_id=public_id, ended=True)
    if opened.interview.case is not None:
        return HttpResponseRedirect(reverse("cases:mine_case", args=[opened.interview.case.public_id]))
    loaded = queries.load(open_interview(actor=request.actor, public_id=public_id))
    interview = loaded.interview
    if interview.kind != Case.Kind.ADMIN_QUESTION:
        return go_on(loaded)
    saved = {"subject": interview.contact_reason, "text": interview.own_words}
    form = AdminQuestionForm(request.POST if request.method == "POST" else None, initial=saved)
    if request.method == "POST" and form.is_valid():
        commands.write_admin_question(actor=request.actor, interview_id=public_id, **form.cleaned_data)
        return send(request, load(request, public_id))
    page = context(
        loaded,
        Page.GATE,
        back=reverse("triage:admin_question"),
        form=form,
        text=loaded.policy.entrance_text_admin_question,
    )
    page["key"] = form_key(request) if request.method == "POST" else page["key"]
    return render(request, "triage/write_question.html", page, status=422 if form.errors else 200)


def send(request: ResidentRequest, loaded: Loaded) -> HttpResponse:
    """Send, or show first that nobody reads it in time; a double click gives one case."""
    interview = loaded.interview
    unread = unread_until(loaded)
    despite = request.POST.get("unstaffed") == "send"
    refuse = loaded.policy.unstaffed_urgent_action == "refuse"
    if unread is not None and (refuse or not despite or interview.unstaffed_warned_at is None):
        next_at = None if unread == NEVER else unread
        commands.warn_unstaffed(actor=request.actor, interview_id=interview.public_id, next_at=next_at)
        page = context(
            loaded,
            Page.SUMMARY,
            back=Page.SUMMARY,
            next_at=next_at,
            refuse=refuse,
            emergency_text=loaded.policy.emergency_text,
        )
        page["key"] = form_key(request)
        return render(request, "triage/unstaffed.html", page, status=409 if refuse else 200)
    limits.require("case", request.actor.key)
    case_id = commands.send_interview(
        actor=request.actor,
        interview_id=interview.public_id,
        key=form_key(request),
        despite_unstaffed=despite,
        shown_unit=request.POST.get("receiver", ""),
    )
    return HttpResponseRedirect(reverse("cases:mine_case", args=[case_id]))


@require_GET
@resident_page
def done(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """After an end without a case: 112 once more, or the advice to keep."""
    opened = open_interview(actor=request.actor, public_id=public_id, ended=True, log=True)
    interview = opened.interview
    if interview.case is not None:
        return HttpResponseRedirect(reverse("cases:mine_case", args=[interview.case.public_id]))
    loaded = queries.load(opened)
    if interview.outcome == interview.Outcome.OPEN:
        return go_on(loaded)
    page = context(loaded, Page.GATE, emergency_text=loaded.policy.emergency_text, **advice_context(loaded))
    return render(request, "triage/done.html", page | {"leave_url": ""})
