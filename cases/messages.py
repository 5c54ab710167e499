"""Words to the patient, and appending them to the chat: the next number under the case's row lock (R-02)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.formats import date_format

from cases import rules
from cases.errors import MessageTooLong
from cases.models import Case, Message, Upload


def append_message(
    case: Case,
    *,
    author: str,
    author_key: str,
    author_name: str,
    author_title: str,
    client_id: str,
    kind: str,
    text: str,
    at: datetime,
    upload: Upload | None = None,
) -> Message:
    """Store the next message and the case's counters; the caller holds the row lock of ``case``.

    The number is taken under the lock, so commit order is number order and "after N" never skips (I-13, I-14).

    Args:
        case: locked; its counters are changed and saved here.
        author: ``patient``, ``staff`` or ``system``.
        author_key, author_name, author_title: who, as the patient sees it.
        client_id: unique per case and author.
        kind: of ``Message.Kind``.
        text: already cleaned.
        at: time of sending, UTC.
        upload: the image, for kind ``image``.
    """
    message = count_message(
        case,
        author=author,
        author_key=author_key,
        author_name=author_name,
        author_title=author_title,
        client_id=client_id,
        kind=kind,
        text=text,
        at=at,
        upload=upload,
    )
    message.save(force_insert=True)
    case.save(update_fields=COUNTERS)
    return message


COUNTERS = ["last_seq", "last_patient_seq", "last_staff_seq", "first_reply_at"]


def count_message(case: Case, *, author: str, kind: str, at: datetime, **fields: Any) -> Message:
    """The next message, counted in the case; neither is stored yet. Arguments as ``append_message``."""
    case.last_seq += 1
    if author == Message.Author.PATIENT:
        case.last_patient_seq = case.last_seq
    elif author == Message.Author.STAFF:
        case.last_staff_seq = case.last_seq
        if kind != Message.Kind.WELCOME and case.first_reply_at is None:
            case.first_reply_at = at
    return Message(case=case, seq=case.last_seq, author=author, kind=kind, sent_at=at, **fields)


def checked_text(text: str) -> str:
    """A message as stored; empty when there is none.

    Raises:
        MessageTooLong: above the limit.
    """
    cleaned = rules.clean_text(text)
    if len(cleaned) > rules.MESSAGE_LIMIT:
        raise MessageTooLong(rules.MESSAGE_LIMIT)
    return cleaned


def filled(text: str, **words: str) -> str:
    """A text with its ``{placeholders}`` filled in; unknown ones stay as they are."""
    for name, word in words.items():
        text = text.replace("{" + name + "}", word)
    return text


def moment_words(at: datetime) -> str:
    """A time as texts to the patient say it, in their Swedish: ``tisdag 25 november kl. 08.00``."""
    local = at.astimezone(rules.LOCAL)
    with translation.override("sv"):
        return f"{date_format(local, 'l j F')} kl. {local:%H.%M}"
