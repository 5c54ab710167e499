"""Addresses of tickets; names live in the namespace ``handover``."""

from __future__ import annotations

from django.urls import path

from handover.tickets import resident_views, views

_CASE = "personal/arende/<uuid:public_id>/"
_STAFF = "personal/biljett/<uuid:ticket_id>/"
_MINE = "mina-arenden/biljett/<uuid:ticket_id>/"

urlpatterns = [
    path(f"{_CASE}biljett/", views.new_ticket, name="new_ticket"),
    path(f"{_CASE}biljetter/", views.case_tickets, name="case_tickets"),
    path(f"{_CASE}fran-biljett/", views.case_ticket, name="case_ticket"),
    path(_STAFF, views.ticket, name="ticket"),
    path(f"{_STAFF}aterkalla/", views.withdraw, name="withdraw_ticket"),
    path("mina-arenden/biljetter/", resident_views.my_tickets, name="my_tickets"),
    path(_MINE, resident_views.my_ticket, name="my_ticket"),
    path(f"{_MINE}formular/<slug:form>/", resident_views.ticket_form, name="ticket_form"),
    path(f"{_MINE}anvand/", resident_views.use_ticket, name="use_ticket"),
]
