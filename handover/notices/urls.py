"""Addresses of this part; names live in the namespace ``handover``."""

from __future__ import annotations

from django.urls import path

from handover.notices import manager_views, views

urlpatterns = [
    path("personal/notiser/", views.centre, name="notices"),
    path("personal/notiser/antal/", views.counter, name="notices_counter"),
    path("personal/notiser/lasta/", views.all_read, name="notices_read"),
    path("personal/notiser/<uuid:public_id>/", views.follow, name="notice"),
    path("statistik/notiser/", manager_views.manager_notices, name="manager_notices"),
    path("statistik/notiser/lasta/", manager_views.manager_read, name="manager_read"),
    path("personal/installningar/notifieringar/", views.choices, name="notice_choices"),
]
