"""Runs alone in a limited process: reads one untrusted image and draws it anew. Knows nothing of Django.

Called as ``python -I image_child.py <raw> <clean> <thumbnail>``; prints one line of JSON: content type and size, or
``{"refused": "format" | "large" | "broken"}``.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 15
FILE_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = 12_000
THUMB = (480, 480)


def limit() -> None:
    """Take memory, processor time and file size away from this process, before any image library is loaded."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def redraw(raw: str, clean: str, thumb: str) -> dict[str, Any]:
    """Decode by content, turn upright, keep the first frame, write without metadata."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415  after limit()

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        opened = Image.open(raw, formats=("JPEG", "PNG", "WEBP"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"refused": "large"}
    except UnidentifiedImageError:
        return {"refused": "format"}
    with opened as image:
        # Sizes come from the header: refused before a single pixel is decoded.
        if max(image.size) > MAX_SIDE or image.size[0] * image.size[1] > MAX_PIXELS:
            return {"refused": "large"}
        image.seek(0)
        image.load()
        # In place and without copies: 40 megapixels are 160 MB, and there may be two of them but not four.
        ImageOps.exif_transpose(image, in_place=True)
        drawn = _plain(image)
        drawn.info.clear()
        width, height = drawn.size
        content_type = "image/png" if drawn.mode == "RGBA" else "image/jpeg"
        if content_type == "image/png":
            drawn.save(clean, "PNG")
        else:
            drawn.save(clean, "JPEG", quality=90)
        drawn.thumbnail(THUMB)
        (drawn if drawn.mode in ("RGB", "L") else _on_white(drawn)).save(thumb, "JPEG", quality=80)
        return {"content_type": content_type, "width": width, "height": height}


def _plain(image: Image.Image) -> Image.Image:
    """Eight bits a channel, grey or colour, with transparency only where there is some."""
    if image.mode.startswith("I"):
        return image.point(lambda value: value / 256).convert("L")
    if image.mode in ("LA", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image if image.mode == "L" else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    from PIL import Image as Images  # noqa: PLC0415  after limit()

    white = Images.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def main() -> int:
    """Exit code 0 with an answer on standard output, whatever the input."""
    limit()
    try:
        answer = redraw(*sys.argv[1:4])
    except MemoryError:
        answer = {"refused": "large"}
    except Exception as error:  # noqa: BLE001  decoders raise anything; the parent only needs to know that it broke
        answer = {"refused": "large" if "DecompressionBomb" in type(error).__name__ else "broken"}
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
