"""Addresses of acknowledgements; names live in the namespace ``handover``."""

from __future__ import annotations

from django.urls import path

from handover.acknowledgements import views

_POST = "personal/vidimera/<uuid:post_id>/"

urlpatterns = [
    path("personal/arende/<uuid:public_id>/vidimera/", views.new_acknowledgement, name="new_acknowledgement"),
    path("personal/vidimera/", views.acknowledgements, name="acknowledgements"),
    path("personal/vidimera/enheten/", views.unit_acknowledgements, name="unit_acknowledgements"),
    path("personal/vidimera/antal/", views.acknowledgement_count, name="acknowledgement_count"),
    path("personal/vidimera/oanvanda/", views.acknowledge_unused, name="acknowledge_unused"),
    path(_POST, views.acknowledgement, name="acknowledgement"),
    path(f"{_POST}klar/", views.acknowledge, name="acknowledge"),
]
