"""From a position in a feed to the frame that brings a reader up to date; for sockets and their HTTP twin alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import translation

from direkt1177.realtime.changes import Since, since
from direkt1177.realtime.frames import text_of
from direkt1177.realtime.sources import Item, source_for

# Heard by the sockets themselves: somebody's rights changed. Never shown.
CONTROL = "authz"


@dataclass(frozen=True, slots=True)
class Answer:
    """A ``changes`` frame, ready to send to any number of readers.

    Attributes:
        version: position of whoever has got it.
        text: the frame.
    """

    version: int
    text: str


def read_since(feed: str, after: int) -> Answer:
    """Read and render everything after a position: the later changes, or the complete first page."""
    return render(feed, since(feed, after))


def render_in(language: str, feed: str, news: Since) -> Answer:
    """``render`` for readers of a language; the HTTP twin has its request's language already."""
    with translation.override(language):
        return render(feed, news)


def render(feed: str, news: Since) -> Answer:
    """Render what ``since`` found. The state is read after the head, so it is never older than the version says."""
    source = source_for(feed)
    if news.complete:
        items = [_put(item, news.version) for item in source.first_page(feed)]
    else:
        ops = {name: change for name, change in news.ops.items() if name != CONTROL}
        wanted = [name for name, (op, _) in ops.items() if op == "put"]
        found = {item.object: item for item in source.read(feed, wanted)} if wanted else {}
        items = [
            _put(found[name], version) if name in found else {"object": name, "op": "drop", "version": version}
            for name, (_, version) in ops.items()
        ]
    frame = {"type": "changes", "feed": feed, "version": news.version, "complete": news.complete, "items": items}
    return Answer(news.version, text_of(frame))


def _put(item: Item, version: int) -> dict[str, Any]:
    put: dict[str, Any] = {"object": item.object, "op": "put", "version": version}
    if item.html:
        put["html"] = item.html
    if item.data:
        put["data"] = item.data
    if item.sort:
        put["sort"] = item.sort
    return put
