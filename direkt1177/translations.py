"""Swedish catalogue without gettext's programs: Babel and Django read the sources, Babel writes the ``.mo``.

``python -m direkt1177.translations compile|check|merge``. The catalogue is ``locale/sv/LC_MESSAGES/django.po``; while
several people build at once, each may keep a fragment ``locale/fragments/<name>.po``, which ``merge`` folds into it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "direkt1177" / "locale"
CATALOGUE = LOCALE / "sv" / "LC_MESSAGES" / "django.po"
COMPILED = CATALOGUE.with_suffix(".mo")
SOURCES = ("direkt1177", "cases", "triage", "journal", "handover", "templates")
_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
Key = tuple[str, str | None]


class TranslationError(RuntimeError):
    """The catalogue contradicts itself."""


def key_of(message: Message) -> Key:
    """Singular and context: what gettext looks a message up by."""
    singular = message.id[0] if isinstance(message.id, (list, tuple)) else message.id
    return singular, message.context


def load() -> Catalog:
    """The catalogue with all fragments folded in.

    Raises:
        TranslationError: when two files translate one message differently.
    """
    merged = Catalog(locale="sv", project="direkt1177", fuzzy=False)
    origin: dict[Key, Path] = {}
    for path in [CATALOGUE, *sorted((LOCALE / "fragments").glob("*.po"))]:
        if not path.exists():
            continue
        with path.open("rb") as file:
            catalogue = read_po(file, locale="sv", abort_invalid=True)
        for message in catalogue:
            if not message.id:
                continue
            key = key_of(message)
            known = merged.get(key[0], context=key[1])
            if known is not None and known.string != message.string:
                raise TranslationError(
                    f"{key[0]!r} is {known.string!r} in {origin[key].name} but {message.string!r} in {path.name}"
                )
            merged.add(message.id, message.string, flags=message.flags - {"python-brace-format"}, context=key[1])
            origin[key] = path
    return merged


def compile_catalogue() -> Path:
    """Write the ``.mo`` when it is older than what it is made from."""
    made_from = [path for path in (CATALOGUE, *(LOCALE / "fragments").glob("*.po")) if path.exists()]
    newest = max((path.stat().st_mtime for path in made_from), default=0.0)
    if not COMPILED.exists() or COMPILED.stat().st_mtime <= newest:
        COMPILED.parent.mkdir(parents=True, exist_ok=True)
        fresh = COMPILED.with_suffix(".mo.new")
        with fresh.open("wb") as file:
            write_mo(file, load())
        fresh.replace(COMPILED)
    return COMPILED


def merge() -> None:
    """Fold the fragments into the catalogue, drop what no source uses any more, remove the fragments."""
    merged = load()
    used = used_messages()
    for message in list(merged):
        if message.id and key_of(message) not in used:
            merged.delete(key_of(message)[0], context=message.context)
    buffer = io.BytesIO()
    write_po(buffer, merged, width=116, no_location=True, sort_output=True, ignore_obsolete=True)
    head, _gap, entries = buffer.getvalue().decode().partition("\n\n")
    # Dates and names in the header would change with every merge.
    unstable = ("#", '"POT-Creation-Date', '"PO-Revision-Date', '"Last-Translator', '"Generated-By', '"Report-Msgid')
    stable = [line for line in head.splitlines() if not line.startswith(unstable)]
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_text("\n".join(stable) + f"\n\n{entries}", encoding="utf-8")
    for fragment in (LOCALE / "fragments").glob("*.po"):
        fragment.unlink()


def used_messages() -> dict[Key, str]:
    """Every message that the sources ask for, with one place where it stands."""
    used: dict[Key, str] = {}
    for path in _source_files():
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            text = _as_python(text, path)
        place = str(path.relative_to(ROOT))
        found = extract("python", io.BytesIO(text.encode()), keywords=_KEYWORDS, options={"encoding": "utf-8"})
        for line, message, _comments, context in found:
            singular = message[0] if isinstance(message, tuple) else message
            if singular:
                used.setdefault((singular, context), f"{place}:{line}")
    return used


def find_faults() -> list[str]:
    """What keeps the catalogue from being complete: missing, empty, fuzzy, unused, or with other placeholders."""
    catalogue = load()
    used = used_messages()
    known = {key_of(message): message for message in catalogue if message.id}
    faults = [f"{place}: no Swedish for {key[0]!r}" for key, place in used.items() if key not in known]
    for key, message in known.items():
        strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
        if not all(strings):
            faults.append(f"empty translation of {key[0]!r}")
        if message.fuzzy:
            faults.append(f"fuzzy translation of {key[0]!r}")
        if key not in used:
            faults.append(f"no source uses {key[0]!r}")
        faults += [f"{key[0]!r}: {error}" for error in message.check(catalogue)]
    return sorted(faults)


def _source_files() -> Iterator[Path]:
    for folder in SOURCES:
        for pattern in ("*.py", "*.html", "*.txt"):
            for path in sorted((ROOT / folder).rglob(pattern)):
                if "migrations" not in path.parts:
                    yield path


def _as_python(text: str, path: Path) -> str:
    from django.utils.translation.template import templatize  # noqa: PLC0415 - needs no settings, but time

    # Everything but the calls becomes X; without indentation any template reads as Python words.
    lines = templatize(text, origin=str(path)).splitlines()
    return "\n".join(line.lstrip() for line in lines)


def main(arguments: list[str]) -> int:
    """Run one of the commands; the exit code says whether it went well."""
    command = arguments[0] if arguments else ""
    try:
        if command == "compile":
            compile_catalogue()
        elif command == "merge":
            merge()
        elif command == "check":
            faults = find_faults()
            print("\n".join(faults) or f"{len(used_messages())} messages, all in Swedish")
            return 1 if faults else 0
        else:
            print(__doc__)
            return 2
    except TranslationError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
