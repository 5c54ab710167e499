"""The note panel of the case page: draft, save, sign, copy. Form in, command, fragment or redirect out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases import access
from cases.forms import new_form_key
from cases.models import Case
from cases.views.frame import case_lines, log_shown, staff_context
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.units.policies import policy
from direkt1177.views import wants_fragment
from journal import queries
from journal.commands import note_copied, save_note, sign_note
from journal.errors import NoteChanged, NoteEmpty, PatientNotConfirmed
from journal.forms import NoteForm, SignForm
from journal.prefill import prefill_for


@staff_page
@never_cache
@require_GET
def note_panel(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The note: as a panel of the case page (its opening is logged already) or as a page of its own (logged)."""
    log = None if wants_fragment(request) else True
    case = access.open_case(actor=request.actor, public_id=public_id, log=log).case
    return _answer(request, case)


@staff_page
@require_POST
def save(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Save the draft; an autosave gets only the state line and the new version."""
    case = access.open_case(actor=request.actor, public_id=public_id, log=None).case
    data = request.POST.copy()
    if "overwrite" in data:
        data["version"] = str(data["overwrite"])
    form = NoteForm(_view(request, case).sections, data)
    if not form.is_valid():
        return _errors(request, case, form)
    try:
        saved = save_note(
            actor=request.actor, case_id=public_id, texts=form.texts, version=form.cleaned_data["version"]
        )
    except NoteChanged as refusal:
        return _conflict(request, case, form, refusal)
    if wants_fragment(request):
        context = {"saved_at": saved.at, "version": saved.version, "oob": True}
        return render(request, "journal/_saved.html", context)
    messages.success(request, _("The draft is saved."))
    return redirect("journal:note_panel", public_id)


@staff_page
@require_POST
def sign(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Sign and export (JOU-02): the panel then shows the text to copy."""
    case = access.open_case(actor=request.actor, public_id=public_id, log=None).case
    form = SignForm(_view(request, case).sections, request.POST)
    if not form.is_valid():
        return _errors(request, case, form)
    try:
        sign_note(
            actor=request.actor,
            case_id=public_id,
            texts=form.texts,
            version=form.cleaned_data["version"],
            same_patient=form.cleaned_data["same_patient"],
            key=form.cleaned_data["form_key"],
        )
    except NoteChanged as refusal:
        return _conflict(request, case, form, refusal)
    except (PatientNotConfirmed, NoteEmpty) as refusal:
        target = "same_patient" if isinstance(refusal, PatientNotConfirmed) else form.names[0]
        form.add_error(target, str(refusal.message))
        return _errors(request, case, form)
    if wants_fragment(request):
        case.refresh_from_db()
        return _answer(request, case)
    messages.success(request, _("The note is signed. Copy the text to the record system."))
    return redirect("journal:note_panel", public_id)


@staff_page
@require_POST
def copied(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The copy button was pressed: a row in the read log (L-09)."""
    note_copied(actor=request.actor, case_id=public_id)
    if wants_fragment(request):
        return HttpResponse(status=204)
    return redirect("journal:note_panel", public_id)


@staff_page
@never_cache
@require_GET
def to_sign(request: StaffRequest) -> HttpResponse:
    """Own closed visits whose note is not signed: a fragment for *Startsida*."""
    rows = queries.unsigned_of(request.actor.user_id, request.actor.unit_id)
    cases = [row.case for row in rows]
    if cases:
        log_shown(request.actor, "to_sign", cases)
    lines = case_lines(cases)
    return render(request, "journal/_to_sign.html", {"unsigned": [lines[case.pk] for case in cases]})


def _view(request: StaffRequest, case: Case) -> queries.NoteView:
    rules = policy(case.unit)
    return queries.note_for(case, user_id=request.actor.user_id, policy=rules, prefill=prefill_for(case, rules))


def _answer(
    request: StaffRequest, case: Case, *, form: NoteForm | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    note = _view(request, case)
    key = form.data.get("form_key", "") if form is not None else new_form_key()
    context: dict[str, Any] = {
        "case_id": case.public_id,
        "note": note,
        "form": form or SignForm(note.sections, initial={"version": note.version}),
        "form_key": key or new_form_key(),
        **more,
    }
    if wants_fragment(request):
        return render(request, "journal/_note.html", context, status=status)
    return render(request, "journal/note.html", staff_context(request, nav="case", case=case) | context, status=status)


def _errors(request: StaffRequest, case: Case, form: NoteForm) -> HttpResponse:
    """What was typed stays: an autosave keeps its fields on the page, everything else gets them back."""
    if wants_fragment(request) and not isinstance(form, SignForm):
        return render(request, "journal/_saved.html", {"not_saved": True, "form": form}, status=422)
    return _answer(request, case, form=form, status=422, not_saved=True)


def _conflict(request: StaffRequest, case: Case, form: NoteForm, refusal: NoteChanged) -> HttpResponse:
    """Another save came in between: the typed text stays, saving over it is a choice (both versions are kept)."""
    context = {"conflict": refusal, "case_id": case.public_id}
    if wants_fragment(request):
        return render(request, "journal/_saved.html", context, status=refusal.status)
    return _answer(request, case, form=form, status=refusal.status, **context)
