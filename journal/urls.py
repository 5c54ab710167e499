"""Addresses of the visit note."""

from __future__ import annotations

from django.urls import path

from journal import views

app_name = "journal"
_NOTE = "personal/arende/<uuid:public_id>/anteckning/"
urlpatterns = [
    path(_NOTE, views.note_panel, name="note_panel"),
    path(f"{_NOTE}spara/", views.save, name="save"),
    path(f"{_NOTE}signera/", views.sign, name="sign"),
    path(f"{_NOTE}kopierad/", views.copied, name="copied"),
    path("personal/att-signera/", views.to_sign, name="to_sign"),
]
