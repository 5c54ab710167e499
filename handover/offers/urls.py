"""Addresses of offers; names live in the namespace ``handover``."""

from __future__ import annotations

from django.urls import path

from handover.offers import bulk_views, views

_CASE = "personal/arende/<uuid:public_id>/"
_OFFER = "personal/overlamningar/<uuid:offer_id>/"

urlpatterns = [
    path(f"{_CASE}lamna-over/", views.offer, name="offer"),
    path(f"{_CASE}overlamning/", views.offer_panel, name="offer_panel"),
    path("personal/overlamningar/", views.offers_to_me, name="offers_to_me"),
    path("personal/overlamningar/mina/", views.my_offers, name="my_offers"),
    path("personal/overlamningar/enheten/", views.unit_offers, name="unit_offers"),
    path(_OFFER, views.offer_page, name="offer_page"),
    path(f"{_OFFER}ta-emot/", views.accept_offer, name="accept_offer"),
    path(f"{_OFFER}avboj/", views.decline_offer, name="decline_offer"),
    path(f"{_OFFER}ta-tillbaka/", views.withdraw_offer, name="withdraw_offer"),
    path(f"{_OFFER}till-roll/", views.readdress_offer, name="readdress_offer"),
    path("personal/lamna-over-flera/", bulk_views.offer_many, name="offer_many"),
]
