"""Hostile and broken images: refused with a clear message, never decoded in this process, nothing left behind."""

from __future__ import annotations

import io
import os
import stat
import struct
import subprocess
import sys
import threading
import zipfile
import zlib
from pathlib import Path

import pytest
from django.test import override_settings
from PIL import Image, ImageDraw

from cases import image_child, uploads
from cases.errors import ImageRefused, ImageTooLarge, ImageUnreadable, TooBusy, TooManyImages
from tests import factories


@pytest.fixture(autouse=True)
def root(tmp_path: Path) -> object:
    """An upload folder of its own."""
    with override_settings(UPLOAD_ROOT=tmp_path / "uploads"):
        yield tmp_path / "uploads"


def encoded(kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object) -> bytes:
    """A real picture with something on it."""
    image = Image.new(mode, size)
    ImageDraw.Draw(image).rectangle((4, 4, size[0] // 2, size[1] // 2), fill=200 if mode == "L" else None, outline=1)
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def stored(content: bytes) -> tuple[uploads.Decoded, Image.Image]:
    """Decode, and open what was kept."""
    decoded = uploads.decode(io.BytesIO(content))
    return decoded, Image.open(uploads.path_of(decoded.file_key))


def files() -> list[Path]:
    """Everything in the upload folder."""
    return [p for p in uploads.root().rglob("*") if p.is_file()]


@pytest.mark.req("IMG-01")
@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (encoded("JPEG"), "JPEG"),
        (encoded("JPEG", mode="L"), "JPEG"),
        (encoded("JPEG", mode="CMYK"), "JPEG"),
        (encoded("JPEG", progressive=True), "JPEG"),
        (encoded("PNG"), "JPEG"),
        (encoded("PNG", mode="RGBA"), "PNG"),
        (encoded("PNG", mode="LA"), "PNG"),
        (encoded("PNG", mode="P"), "JPEG"),
        (encoded("PNG", mode="1"), "JPEG"),
        (encoded("PNG", mode="I;16"), "JPEG"),
        (encoded("WEBP"), "JPEG"),
    ],
)
def test_real_images_are_kept_and_drawn_anew(content: bytes, kept: str) -> None:
    decoded, image = stored(content)
    assert image.format == kept
    assert (decoded.width, decoded.height) == image.size == (64, 48)
    assert decoded.bytes == uploads.path_of(decoded.file_key).stat().st_size
    assert Image.open(uploads.path_of(decoded.thumb_key)).format == "JPEG"
    assert len(files()) == 2, "no raw file stays"


def test_metadata_goes_and_the_image_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter
    exif[0x010F] = "CANARY-CAMERA"
    exif.get_ifd(0x8825)[2] = (56.0, 39.0, 59.0)  # GPS latitude
    content = encoded("JPEG", exif=exif.tobytes(), comment=b"CANARY-COMMENT", icc_profile=b"CANARY-PROFILE" * 10)
    assert b"CANARY-CAMERA" in content
    decoded, image = stored(content)
    assert image.size == (48, 64)
    kept = uploads.path_of(decoded.file_key).read_bytes() + uploads.path_of(decoded.thumb_key).read_bytes()
    assert b"CANARY" not in kept
    assert b"Exif" not in kept
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_text_chunks_of_a_png_go() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", "CANARY", zip=True)
    info.add_itxt("XML:com.adobe.xmp", "<CANARY/>")
    decoded, image = stored(encoded("PNG", mode="RGBA", pnginfo=info))
    assert not image.text  # type: ignore[attr-defined]
    assert b"tEXt" not in uploads.path_of(decoded.file_key).read_bytes()


def test_a_polyglot_loses_what_hung_on_it() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as inside:
        inside.writestr("CANARY.html", "<script>alert('CANARY')</script>")
    decoded, _ = stored(encoded("JPEG") + archive.getvalue())
    kept = uploads.path_of(decoded.file_key)
    assert b"CANARY" not in kept.read_bytes()
    assert not zipfile.is_zipfile(kept)


def test_an_animation_keeps_its_first_frame() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    decoded, image = stored(out.getvalue())
    assert getattr(image, "n_frames", 1) == 1
    red, green, blue = image.convert("RGB").getpixel((10, 10))  # type: ignore[misc]
    assert red > 200 > 60 > max(green, blue)
    assert decoded.content_type == "image/jpeg"


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def film(frames: int, *, said: int | None = None) -> bytes:
    """A PNG of 8 by 8 pixels that moves, and may lie about how many frames it has."""
    pixels, parts, number = zlib.compress((b"\0" + b"\x80" * 8) * 8), [], 0
    for frame in range(frames):
        parts.append(chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, 8, 8, 0, 0, 1, 10, 0, 0)))
        number += 1
        if frame:
            parts.append(chunk(b"fdAT", struct.pack(">I", number) + pixels))
            number += 1
        else:
            parts.append(chunk(b"IDAT", pixels))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
    moves = chunk(b"acTL", struct.pack(">II", frames if said is None else said, 0))
    return b"\x89PNG\r\n\x1a\n" + head + moves + b"".join(parts) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("frames", "said"), [(10_000, 10_000), (2, 2**31 - 1)])
def test_ten_thousand_frames_cost_no_more_than_one(frames: int, said: int) -> None:
    decoded, image = stored(film(frames, said=said))
    assert (image.size, getattr(image, "n_frames", 1)) == ((8, 8), 1)
    assert decoded.bytes < 10_000


def bomb(side: int = 30_000) -> bytes:
    """A PNG of a few kilobytes that says it is very many pixels square."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10**6)))
        + chunk(b"IEND", b"")
    )


HOSTILE: dict[str, tuple[bytes, type[ImageRefused]]] = {
    "bomb": (bomb(), ImageTooLarge),
    "40,000 pixels square": (bomb(40_000), ImageTooLarge),
    "2 thousand million pixels square": (bomb(2**31 - 1), ImageRefused),
    "too many pixels": (encoded("PNG", (8000, 5001), mode="1"), ImageTooLarge),
    "one side too long": (encoded("PNG", (12_001, 8), mode="1"), ImageTooLarge),
    "too many bytes": (encoded("JPEG") + os.urandom(uploads.MAX_BYTES), ImageTooLarge),
    "empty": (b"", ImageUnreadable),
    "truncated": (encoded("JPEG", (400, 400), quality=95)[:600], ImageUnreadable),
    "header only": (b"\x89PNG\r\n\x1a\n", ImageRefused),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', ImageRefused),
    "html": (b"<!doctype html><script>alert(1)</script>", ImageRefused),
    "gif": (encoded("GIF"), ImageRefused),
    "bmp": (encoded("BMP"), ImageRefused),
    "tiff": (encoded("TIFF"), ImageRefused),
    "pdf": (encoded("PDF"), ImageRefused),
    "script": (b"#!/bin/sh\ntouch /tmp/owned\n", ImageRefused),
    "noise": (os.urandom(5000), ImageRefused),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_and_leave_nothing(name: str) -> None:
    content, refusal = HOSTILE[name]
    with pytest.raises(ImageRefused) as refused:
        uploads.decode(io.BytesIO(content))
    assert type(refused.value) is refusal or refusal is ImageRefused
    assert str(refused.value.message)
    assert refused.value.status == 422
    assert files() == []


def test_flipped_bytes_never_break_anything_but_the_image() -> None:
    content = encoded("JPEG", (120, 90), quality=90)
    for position in range(2, len(content), max(1, len(content) // 12)):
        damaged = bytearray(content)
        damaged[position] ^= 0xFF
        try:
            _, image = stored(bytes(damaged))
            image.load()
        except ImageRefused:
            continue


def test_a_decoder_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    marker = tmp_path / "survived"
    child = tmp_path / "slow.py"
    child.write_text(f"import time, pathlib\ntime.sleep(3)\npathlib.Path({str(marker)!r}).touch()\n")
    monkeypatch.setattr(uploads, "_CHILD", child)
    monkeypatch.setattr(uploads, "WALL_SECONDS", 0.5)
    with pytest.raises(ImageUnreadable):
        uploads.decode(io.BytesIO(encoded("JPEG")))
    assert files() == []
    assert not marker.exists()


def test_only_so_many_are_decoded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE", threading.BoundedSemaphore(1))
    monkeypatch.setattr(uploads, "WAIT_SECONDS", 0.05)
    with uploads.AT_ONCE, pytest.raises(TooBusy):
        uploads.decode(io.BytesIO(encoded("JPEG")))
    assert files() == []
    uploads.decode(io.BytesIO(encoded("JPEG")))  # the turn was given back
    with pytest.raises(ImageRefused):
        uploads.decode(io.BytesIO(b"no image"))
    uploads.decode(io.BytesIO(encoded("JPEG")))


def test_the_child_has_little_memory_and_time() -> None:
    code = (
        "import sys, resource; sys.path.insert(0, sys.argv[1]); import image_child; image_child.limit();"
        "print(resource.getrlimit(resource.RLIMIT_AS)[1], resource.getrlimit(resource.RLIMIT_CPU)[1])\n"
        "try:\n bytearray(600 * 1024 * 1024)\nexcept MemoryError:\n print('refused')"
    )
    folder = str(Path(image_child.__file__).parent)
    out = subprocess.run([sys.executable, "-I", "-c", code, folder], capture_output=True, text=True, check=True)
    assert out.stdout.split() == [str(512 * 1024 * 1024), "15", "refused"]


def test_the_largest_allowed_image_fits_the_childs_memory() -> None:
    decoded, image = stored(encoded("JPEG", (8000, 5000), quality=50))
    assert image.size == (8000, 5000)
    assert decoded.content_type == "image/jpeg"


def test_files_have_random_names_in_a_folder_of_ones_own() -> None:
    first, _ = stored(encoded("PNG"))
    second, _ = stored(encoded("PNG"))
    assert first.sha256 == second.sha256
    assert first.file_key != second.file_key
    assert stat.S_IMODE(uploads.root().stat().st_mode) == 0o700
    uploads.discard(first)
    assert len(files()) == 2


@pytest.mark.django_db
@pytest.mark.req("TRI-08")
def test_an_interview_holds_a_limited_number(monkeypatch: pytest.MonkeyPatch) -> None:
    import uuid

    monkeypatch.setattr(uploads, "MAX_IMAGES", 1)
    patient, interview = factories.resident(factories.make_person()), uuid.uuid4()
    picture = encoded("JPEG")
    uploads.store_image(actor=patient, file=io.BytesIO(picture), origin="triage", interview=interview, question="q1")
    with pytest.raises(TooManyImages):
        uploads.store_image(actor=patient, file=io.BytesIO(picture), origin="triage", interview=interview)
    case = factories.make_case(patient=None, interview=interview)
    assert [u.question for u in case.uploads.all()] == ["q1"]
