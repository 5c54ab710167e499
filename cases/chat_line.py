"""A line of text in the chat as HTML, without the template engine: drawn at every message.

Equal to ``cases/_message.html`` sign by sign, but for the white space around it: ``tests/cases/test_together.py`` holds
it against the template.
"""

from __future__ import annotations

from html import escape
from typing import Any

from django.utils import timezone


def line_html(message: dict[str, Any]) -> str:
    """What the template makes of a line of text.

    Args:
        message: context of the template (``shown.message_context``), of kind ``text``.
    """
    at = timezone.localtime(message["sent_at"])
    title = f", {escape(message['author_title'])}" if message["author_title"] else ""
    client = f' data-client-id="{escape(message["client_id"])}"' if message["client_id"] else ""
    text = f'<div class="bubble"><p class="pre">{escape(message["text"])}</p></div>' if message["text"] else ""
    return (
        f'<li class="msg" data-object="{escape(message["object"])}" data-seq="{message["seq"]}"'
        f' data-author="{escape(message["author"])}"{client}>\n'
        f'  <p class="meta"><span class="who">{escape(message["author_name"])}{title}</span>'
        f' <time datetime="{at.isoformat()}">{at:%H.%M}</time><span class="state" data-message-state></span></p>\n'
        f"  \n  {text}\n</li>"
    )
