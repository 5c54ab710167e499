"""Reading protocol files: YAML in, checked ``Protocol`` with version and hash out."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from direkt1177.questions.conditions import comparisons
from direkt1177.questions.kinds import Question
from triage.engine.model import Common, CommonQuestion, Modifier, Protocol, ProtocolData

FOLDER = Path(__file__).resolve().parent.parent / "protocols"
COMMON_FILE = "common.yaml"
GENERAL = "general"


class ProtocolError(ValueError):
    """A protocol file does not hold what it must; the message says where."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2 truth values (``yes`` and ``no`` stay words) and no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _value in node.value]
        twice = {str(key) for key in keys if keys.count(key) > 1}
        if twice:
            raise ProtocolError(f"line {node.start_mark.line + 1}: {', '.join(sorted(twice))} stands twice")
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag.rpartition(":")[2] not in {"bool", "timestamp"}]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _first, _words in (("t", "true"), ("f", "false")):
    _Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(f"^{_words}$"), [_first])


def read_yaml(text: str, name: str) -> Any:
    """Read one YAML text.

    Raises:
        ProtocolError: it is not YAML, or a key stands twice.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as problem:
        raise ProtocolError(f"{name}: {problem}") from problem


def build(data: Any, common: Common) -> Protocol:
    """Put a protocol's own content and the common content together and check the whole.

    Raises:
        ProtocolError: the content breaks the schema or a promise of the engine.
    """
    try:
        own = ProtocolData.model_validate(data)
        questions = tuple(_questions(own.questions, common))
        modifiers = (*_modifiers(own, common, {item.id for item in questions}), *own.modifiers)
        content: dict[str, Any] = {
            "id": own.id,
            "version": f"{own.version}-{common.version}",
            "title": own.title,
            "codes": own.codes,
            "scope": own.scope,
            "assesses": own.assesses,
            "questions": questions,
            "rules": own.rules,
            "modifiers": modifiers if own.assesses else (),
            "new_within": own.new_within,
            "self_care": own.self_care,
            "safety_net": own.safety_net,
            "post_triage": (*own.post_triage, *common.post_triage),
            "gate": common.gate,
            "results": dict(common.results),
        }
        draft = Protocol.model_validate({**content, "sha256": ""})
        return draft.model_copy(update={"sha256": content_hash(as_stored(draft))})
    except ValidationError as problem:
        name = data.get("id", "?") if isinstance(data, dict) else "?"
        raise ProtocolError(f"{name}: {problem}") from problem


def content_hash(stored: dict[str, Any]) -> str:
    """Give the SHA-256 of a protocol's stored content, the same for the same content for ever.

    It is taken of the data and not of the model: a later release may add fields without making old versions invalid.
    """
    data = {key: value for key, value in stored.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _questions(items: Iterable[Question | CommonQuestion], common: Common) -> Iterable[Question]:
    shared = {item.id: item for item in common.questions}
    for item in items:
        if not isinstance(item, CommonQuestion):
            yield item
        elif item.common in shared:
            yield shared[item.common]
        else:
            raise ProtocolError(f"no common question {item.common}")


def _modifiers(own: ProtocolData, common: Common, asked: set[str]) -> Iterable[Modifier]:
    """Give the common modifiers, without those that the protocol skips or whose questions it does not ask."""
    for item in common.modifiers:
        needed = {compare.question for compare, _positive in comparisons(item.when) if compare.question is not None}
        if item.id not in own.skip_modifiers and needed <= asked:
            yield item


@functools.cache
def common_data() -> Common:
    """Read the global file."""
    text = (FOLDER / COMMON_FILE).read_text(encoding="utf-8")
    try:
        return Common.model_validate(read_yaml(text, COMMON_FILE))
    except ValidationError as problem:
        raise ProtocolError(f"{COMMON_FILE}: {problem}") from problem


@functools.cache
def bundled() -> dict[str, Protocol]:
    """Read the protocols that ship with the project, by id."""
    found = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.name not in {COMMON_FILE, "contact_reasons.yaml"}:
            protocol = build(read_yaml(path.read_text(encoding="utf-8"), path.name), common_data())
            found[protocol.id] = protocol
    return found


def from_stored(content: dict[str, Any]) -> Protocol:
    """Build a protocol from the content stored with a version (see ``as_stored``); used for interviews under way.

    Raises:
        ProtocolError: the content was changed after it was stored (the hash differs) or is not a protocol.
    """
    if content_hash(content) != content.get("sha256"):
        raise ProtocolError(f"{content.get('id')} {content.get('version')}: content and hash differ")
    try:
        return Protocol.model_validate(content)
    except ValidationError as problem:
        raise ProtocolError(str(problem)) from problem


def as_stored(protocol: Protocol) -> dict[str, Any]:
    """Give a protocol as plain data to store with its version."""
    return protocol.model_dump(mode="json", by_alias=True)
