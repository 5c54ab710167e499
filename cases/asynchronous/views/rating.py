"""*Hur nöjd är du?* on the closed case of a resident."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases.asynchronous import access, commands, queries
from cases.asynchronous.errors import RatedAlready
from cases.asynchronous.forms import RateForm
from cases.forms import new_form_key
from cases.views.frame import post_key, resident_context
from direkt1177.accounts.sign_in import ResidentRequest, resident_page
from direkt1177.views import wants_fragment


@resident_page
@never_cache
@require_http_methods(["GET", "POST"])
def rate(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """The question, or thanks; a part of the chat page, or a page of its own without script."""
    opened = access.rateable_case(actor=request.actor, public_id=public_id)
    form, status, thanks = RateForm(), 200, queries.is_rated(opened.case)
    if request.method == "POST":
        form = RateForm(request.POST)
        if form.is_valid():
            try:
                score = form.cleaned_data["score"]
                commands.rate_visit(actor=request.actor, case_id=public_id, score=score, key=post_key(request))
            except RatedAlready as refusal:
                status = refusal.status
            thanks = True
        else:
            status = 422
    context = resident_context(request.actor) | {
        "case_id": public_id,
        "form": form,
        "thanks": thanks,
        "form_key": new_form_key(),
    }
    name = "asynchronous/_rating.html" if wants_fragment(request) else "asynchronous/rating.html"
    return render(request, name, context, status=status)
