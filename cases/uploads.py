"""Images: decoded in a limited child process, stored without metadata, read only through the door (S-18, IMG-01).

The untrusted bytes never meet an image library in this process. ``decode`` copies them to a file (at most 12 MB), lets
``image_child.py`` read JPEG, PNG or WebP by content under memory, time and pixel limits, and keeps only what the child
drew anew: upright, first frame, no metadata. Files lie under ``settings.UPLOAD_ROOT`` (0700) with random names.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings

from cases.errors import ImageRefused, ImageTooLarge, ImageUnreadable, TooBusy, TooManyImages
from cases.events import ImageStored
from cases.models import Case, Upload
from direkt1177.accounts.actors import AnyActor, ResidentActor, StaffActor
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.units.clock import now

MAX_BYTES = 12 * 1024 * 1024
MAX_IMAGES = 20
WALL_SECONDS = 15
_CHILD = Path(__file__).with_name("image_child.py")
# Each child may take 512 MB: so many at a time in one process, others wait their turn.
AT_ONCE = threading.BoundedSemaphore(2)
WAIT_SECONDS = 30
_SUFFIX = {"image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """An image that lies clean under ``UPLOAD_ROOT`` and has no row yet."""

    file_key: str
    thumb_key: str
    content_type: str
    width: int
    height: int
    bytes: int
    sha256: str


def root() -> Path:
    """The folder of all images; only this user may enter it."""
    folder = Path(settings.UPLOAD_ROOT)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def path_of(key: str) -> Path:
    """Where the file of an ``Upload`` key lies; keys come from our rows only."""
    return root() / key[:2] / key


def decode(file: IO[bytes]) -> Decoded:
    """Read an untrusted file and store what it shows.

    Args:
        file: as uploaded; its name and claimed type are not looked at.

    Raises:
        ImageTooLarge: more than 12 MB, 40 megapixels or 12,000 pixels a side.
        ImageRefused: neither JPEG, PNG nor WebP by content.
        ImageUnreadable: damaged, or not decoded within the limits.
        TooBusy: too many others are being decoded.
    """
    key = secrets.token_hex(24)
    folder = root() / key[:2]
    folder.mkdir(mode=0o700, exist_ok=True)
    raw, clean, thumb = (folder / f"{key}.{kind}" for kind in ("raw", "new", "mini"))
    try:
        _copy(file, raw)
        facts = _run_child(raw, clean, thumb)
        content_type = str(facts["content_type"])
        suffix = _SUFFIX[content_type]
        file_key, thumb_key = f"{key}.{suffix}", f"{key}.t.jpg"
        content = clean.read_bytes()
        clean.rename(folder / file_key)
        thumb.rename(folder / thumb_key)
        return Decoded(
            file_key=file_key,
            thumb_key=thumb_key,
            content_type=content_type,
            width=int(facts["width"]),
            height=int(facts["height"]),
            bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
    finally:
        for path in (raw, clean, thumb):
            path.unlink(missing_ok=True)


def discard(image: Decoded) -> None:
    """Remove the files of an image that got no row."""
    for key in (image.file_key, image.thumb_key):
        path_of(key).unlink(missing_ok=True)


def store_image(
    *,
    actor: AnyActor,
    file: IO[bytes],
    origin: str,
    case: Case | None = None,
    interview: UUID | None = None,
    question: str = "",
) -> Upload:
    """Decode and store an image outside the chat, as during an interview (TRI-08).

    Args:
        actor: who adds it; the caller has checked that they may.
        file: untrusted.
        origin: of ``Upload.Origin``.
        case: the case it belongs to, if there is one.
        interview: public id of the interview it waits in, if not.
        question: id of the question it answers.

    Raises:
        ImageRefused: or one of its kinds; nothing is stored.
        TooManyImages: the limit of the interview is reached.
    """
    if interview is not None and Upload.objects.filter(interview=interview).count() >= MAX_IMAGES:
        raise TooManyImages
    image = decode(file)
    try:
        return _store(actor=actor, image=image, origin=origin, case=case, interview=interview, question=question)
    except BaseException:
        discard(image)
        raise


@command
def remove_pending_image(*, actor: AnyActor, upload_id: UUID) -> None:
    """Take away an image that the actor added to an interview not sent yet.

    Raises:
        NotFound: absent, sent already or somebody else's.
    """
    upload = Upload.objects.select_for_update(no_key=True).filter(public_id=upload_id, case__isnull=True).first()
    if upload is None or not isinstance(actor, ResidentActor) or upload.by_person_id != actor.person_id:
        raise NotFound
    keys = (upload.file_key, upload.thumb_key)
    upload.delete()
    for key in keys:
        path_of(key).unlink(missing_ok=True)


def store_row(
    *,
    actor: AnyActor,
    image: Decoded,
    origin: str,
    case: Case | None = None,
    interview: UUID | None = None,
    question: str = "",
) -> Upload:
    """The row of a decoded image; inside a command."""
    upload = Upload.objects.create(
        case=case,
        interview=interview,
        question=question,
        origin=origin,
        by_person_id=actor.person_id if isinstance(actor, ResidentActor) else None,
        by_user_id=actor.user_id if isinstance(actor, StaffActor) else None,
        file_key=image.file_key,
        thumb_key=image.thumb_key,
        content_type=image.content_type,
        width=image.width,
        height=image.height,
        bytes=image.bytes,
        sha256=image.sha256,
        created_at=now(),
    )
    patient_id = case.patient_id if case is not None else None
    record(ImageStored(upload_id=upload.public_id, patient_id=patient_id, origin=origin), actor=actor)
    return upload


@command
def _store(
    *, actor: AnyActor, image: Decoded, origin: str, case: Case | None, interview: UUID | None, question: str
) -> Upload:
    return store_row(actor=actor, image=image, origin=origin, case=case, interview=interview, question=question)


def _copy(file: IO[bytes], to: Path) -> None:
    size = 0
    descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        while chunk := file.read(256 * 1024):
            size += len(chunk)
            if size > MAX_BYTES:
                raise ImageTooLarge
            out.write(chunk)
    if not size:
        raise ImageUnreadable


def _run_child(raw: Path, clean: Path, thumb: Path) -> dict[str, str | int]:
    """Run the decoder as a process of its own: no environment, own session, killed after 15 s."""
    if not AT_ONCE.acquire(timeout=WAIT_SECONDS):
        raise TooBusy
    try:
        result = subprocess.run(
            [sys.executable, "-I", str(_CHILD), str(raw), str(clean), str(thumb)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8"},
            start_new_session=True,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ImageUnreadable from None
    finally:
        AT_ONCE.release()
    facts: dict[str, str | int] = {}
    with suppress(ValueError):
        facts = json.loads(result.stdout)
    if result.returncode or "refused" in facts or "width" not in facts:
        refusal = {"format": ImageRefused, "large": ImageTooLarge}.get(str(facts.get("refused")), ImageUnreadable)
        raise refusal
    return facts
