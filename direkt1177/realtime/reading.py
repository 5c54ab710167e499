"""From a position in a feed to the frame that brings a reader up to date; for sockets and their HTTP twin alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils import translation

from direkt1177.realtime.changes import CONTROL, Since, since
from direkt1177.realtime.frames import text_of
from direkt1177.realtime.outlet import lined
from direkt1177.realtime.sources import Item, source_for


@dataclass(frozen=True)
class Answer:
    """A ``changes`` frame, ready to send to any number of readers.

    Attributes:
        version: position of whoever has got it.
        text: the frame.
    """

    version: int
    text: str

    @cached_property
    def line(self) -> bytes:
        """The same, ready for the line; made once for all readers."""
        return lined(self.text)


def read_since(feed: str, after: int) -> Answer:
    """Read and render everything after a position: the later changes, or the complete first page."""
    return render(feed, since(feed, after))


def read_news(feed: str, before: int, languages: Collection[str]) -> tuple[Since, dict[str, Answer]]:
    """What changed after a position, drawn once for each language; nothing is drawn when nothing changed."""
    news = since(feed, before)
    if news.version <= before:
        return news, {}
    return news, {language: render_in(language, feed, news) for language in languages}


def render_in(language: str, feed: str, news: Since) -> Answer:
    """``render`` for readers of a language; the HTTP twin has its request's language already."""
    with translation.override(language):
        return render(feed, news)


def render(feed: str, news: Since) -> Answer:
    """Render what ``since`` found. The state is read after the head, so it is never older than the version says."""
    source = source_for(feed)
    if not news.complete:
        wanted = _wanted(news)
        return _changed(feed, news, source.read(feed, wanted) if wanted else ())
    items = [_put(item, news.version) for item in source.first_page(feed)]
    return _answer(feed, news, items)


def _wanted(news: Since) -> list[str]:
    return [name for name, (op, _) in news.ops.items() if op == "put" and name != CONTROL]


def _changed(feed: str, news: Since, read: Iterable[Item]) -> Answer:
    found = {item.object: item for item in read}
    items = [
        _put(found[name], version) if name in found else {"object": name, "op": "drop", "version": version}
        for name, (_, version) in news.ops.items()
        if name != CONTROL
    ]
    return _answer(feed, news, items)


def _answer(feed: str, news: Since, items: list[dict[str, Any]]) -> Answer:
    frame = {"type": "changes", "feed": feed, "version": news.version, "complete": news.complete, "items": items}
    return Answer(news.version, text_of(frame))


def render_each(wanted: Sequence[tuple[str, str, Since]]) -> dict[tuple[str, str], Answer]:
    """``render_in`` for many feeds, each in a language; a source with ``read_each`` reads all of its own at once."""
    answers: dict[tuple[str, str], Answer] = {}
    together: dict[tuple[str, str], list[tuple[str, Since]]] = {}
    for feed, language, news in wanted:
        if news.complete or not hasattr(source_for(feed), "read_each"):
            answers[feed, language] = render_in(language, feed, news)
        else:
            together.setdefault((source_for(feed).prefix, language), []).append((feed, news))
    for (prefix, language), feeds in together.items():
        source: Any = source_for(prefix)
        with translation.override(language):
            found = source.read_each({feed: _wanted(news) for feed, news in feeds})
            for feed, news in feeds:
                answers[feed, language] = _changed(feed, news, found[feed])
    return answers


def fresh_frame(feed: str, version: int, items: Iterable[tuple[Item, int]]) -> str:
    """The frame that ``render`` would make of these changes.

    Args:
        version: of the feed now.
        items: what was put, each with its version, oldest first.
    """
    puts = [_put(item, at) for item, at in items]
    return text_of({"type": "changes", "feed": feed, "version": version, "complete": False, "items": puts})


def _put(item: Item, version: int) -> dict[str, Any]:
    put: dict[str, Any] = {"object": item.object, "op": "put", "version": version}
    if item.html:
        put["html"] = item.html
    if item.data:
        put["data"] = item.data
    if item.sort:
        put["sort"] = item.sort
    return put
