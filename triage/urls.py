"""Addresses of the entrance; no symptom and no personal number ever stands in one."""

from __future__ import annotations

from django.urls import path

from triage.views import interview, panel, result, sending, start

app_name = "triage"

urlpatterns = [
    path("sok-vard/", start.start, name="start"),
    path("sok-vard/ej-skickat/", start.drafts, name="unfinished"),
    path("fraga/", start.admin_question, name="admin_question"),
    path("fraga/<uuid:public_id>/", sending.write_question, name="write_question"),
    path("sok-vard/<uuid:public_id>/", start.resume, name="resume"),
    path("sok-vard/<uuid:public_id>/akut/", interview.gate, name="gate"),
    path("sok-vard/<uuid:public_id>/112/", interview.call_112, name="call_112"),
    path("sok-vard/<uuid:public_id>/beratta/", interview.describe, name="describe"),
    path("sok-vard/<uuid:public_id>/forslag/", interview.suggestions, name="suggestions"),
    path("sok-vard/<uuid:public_id>/fraga/<int:number>/", interview.question, name="question"),
    path("sok-vard/<uuid:public_id>/resultat/", result.result, name="result"),
    path("sok-vard/<uuid:public_id>/mer/", result.more, name="more"),
    path("sok-vard/<uuid:public_id>/samtycke/", sending.consents, name="consents"),
    path("sok-vard/<uuid:public_id>/avgift/", sending.fee, name="fee"),
    path("sok-vard/<uuid:public_id>/skicka/", sending.summary, name="summary"),
    path("sok-vard/<uuid:public_id>/klart/", sending.done, name="done"),
    path("personal/triage/<uuid:public_id>/", panel.result_panel, name="result_panel"),
]
