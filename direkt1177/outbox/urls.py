"""Addresses of the SMS simulator."""

from __future__ import annotations

from django.urls import path

from direkt1177.outbox import views

app_name = "outbox"
urlpatterns = [path("demo/sms/", views.sms_inbox, name="sms_inbox")]
