"""Addresses of ending a shift, releasing, closing time and the coordinator's place."""

from __future__ import annotations

from django.urls import path

from handover.shifts import desk_views, unit_views, views

urlpatterns = [
    path("personal/avsluta-skift/", views.end_shift_page, name="end_shift"),
    path("personal/vi-stanger/", desk_views.tell_closing_now, name="tell_closing"),
    path("personal/jag-fortsatter/", desk_views.go_on, name="go_on"),
    path("personal/jag-skriver/", desk_views.still_here, name="still_here"),
    path("personal/har-stangt/", desk_views.closing_panel, name="closing_panel"),
    path("personal/mina-listor/", desk_views.own_lists, name="own_lists"),
    path("personal/mina-dagar/", desk_views.own_day, name="own_day"),
    path("personal/koordinator/", desk_views.coordinator, name="coordinator"),
    path("personal/pagaende-pa-enheten/", unit_views.unit_held, name="unit_held"),
    path("personal/pagaende-pa-enheten/frigor/<uuid:public_id>/", unit_views.release, name="release"),
    path("personal/pagaende-pa-enheten/frigor-alla/<int:holder_id>/", unit_views.release_all, name="release_all"),
    path("statistik/pagaende/", unit_views.manager_held, name="manager_held"),
    path("statistik/pagaende/frigor/<uuid:public_id>/", unit_views.manager_release, name="manager_release"),
    path(
        "statistik/pagaende/frigor-alla/<int:holder_id>/",
        unit_views.manager_release_all,
        name="manager_release_all",
    ),
]
