"""What every template may ask for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from direkt1177.residents.entrance import REGION


def actor(request: HttpRequest) -> dict[str, Any]:
    """Who acts, whether this is a demonstration, and the region's name before anybody has signed in."""
    region = request.session.get(REGION) if hasattr(request, "session") else None
    return {
        "actor": getattr(request, "actor", None),
        "DEMO_PAGES": settings.DEMO_PAGES,
        "region_name": region[1] if region else "",
    }
