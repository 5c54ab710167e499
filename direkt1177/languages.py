"""Pages in the language that somebody has chosen on the page itself: Swedish, or English as the second language."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from direkt1177.realtime.language import known


class LanguageMiddleware:
    """Activates the language of the cookie that ``set_language`` writes.

    Django's own would ask the browser's settings too; then a page of a Swedish health centre would come in English
    to everybody with an English telephone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the language around the rest of the chain."""
        language = known(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Cookie"])
        return response
