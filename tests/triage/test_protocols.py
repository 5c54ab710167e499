"""Protocol files: they cover the clinical outlines, are schema-checked, versioned and hashed (TRI-17)."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest

from triage.engine.loader import (
    COMMON_FILE,
    FOLDER,
    ProtocolError,
    as_stored,
    build,
    bundled,
    common_data,
    from_stored,
    read_yaml,
)
from triage.engine.model import NOTICE, ProtocolData

pytestmark = pytest.mark.req("TRI-17")

#: How many criteria the outline of each reason has per level; the gate has 17, the modifiers 12.
OUTLINES = {
    "sore_throat": {"l1": 3, "l2": 4, "l3": 5, "l4": 2, "l5": 1},
    "chest_pain": {"l1": 7, "l2": 6, "l3": 4, "l4": 3, "l5": 1},
    "fever_child": {"l1": 7, "l2": 11, "l3": 7, "l4": 2, "l5": 1},
    "urinary": {"l1": 2, "l2": 7, "l3": 6, "l4": 3, "l5": 1},
    "rash_skin": {"l1": 4, "l2": 8, "l3": 6, "l4": 4, "l5": 1},
}
GATE_SIGNS = 17
#: 1 (unknown) and 11 (nothing matched) are the engine itself; 6 (anticoagulants) belongs where there is trauma.
MODIFIERS = {2, 3, 4, 5, 7, 8, 9, 10, 12}


def raw(name: str) -> dict[str, Any]:
    return dict(read_yaml((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), name))


@pytest.mark.parametrize("name", OUTLINES)
def test_every_criterion_of_the_outline_is_represented(name: str) -> None:
    protocol = bundled()[name]
    covered = {item for rule in protocol.rules for item in rule.covers}
    covered |= set(protocol.self_care.covers) if protocol.self_care else set()
    wanted = {f"{key}.{number}" for key, count in OUTLINES[name].items() for number in range(1, count + 1)}
    assert covered == wanted
    for rule in protocol.rules:
        assert {f"l{rule.urgency}"} == {item.partition(".")[0] for item in rule.covers}, rule.id


@pytest.mark.parametrize("name", OUTLINES)
def test_the_global_modifiers_apply_in_every_assessing_protocol(name: str) -> None:
    covered = {int(item.partition(".")[2]) for m in bundled()[name].modifiers for item in m.covers}
    assert covered >= MODIFIERS


def test_the_gate_holds_every_sign() -> None:
    covered = {item for sign in common_data().gate for item in sign.covers}
    assert covered == {f"gate.{number}" for number in range(1, GATE_SIGNS + 1)}


def test_every_file_says_that_it_is_a_demo() -> None:
    for path in FOLDER.glob("*.yaml"):
        assert read_yaml(path.read_text(encoding="utf-8"), path.name)["notice"] == NOTICE


def test_the_json_schema_is_that_of_the_model_and_accepts_the_bundled_files() -> None:
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    assert schema == ProtocolData.model_json_schema(by_alias=True)
    for path in FOLDER.glob("*.yaml"):
        if path.name not in {COMMON_FILE, "contact_reasons.yaml"}:
            data = read_yaml(path.read_text(encoding="utf-8"), path.name)
            jsonschema.Draft202012Validator(schema).validate(data)


def test_the_hash_follows_the_content_and_stored_content_cannot_be_changed() -> None:
    data = raw("sore_throat")
    protocol = build(data, common_data())
    assert protocol.sha256 == build(copy.deepcopy(data), common_data()).sha256
    data["rules"][0]["urgency"] = 2
    assert build(data, common_data()).sha256 != protocol.sha256
    stored = json.loads(json.dumps(as_stored(protocol)))
    assert from_stored(stored) == protocol
    stored["rules"][0]["urgency"] = 4
    with pytest.raises(ProtocolError, match="hash differ"):
        from_stored(stored)


def test_the_hash_also_follows_the_common_content() -> None:
    common = common_data()
    changed = common.model_copy(update={"modifiers": common.modifiers[1:]})
    assert build(raw("sore_throat"), changed).sha256 != build(raw("sore_throat"), common).sha256


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["rules"][0].update(urgency=5), "less than or equal to 4"),
        (lambda d: d["rules"][0].update(when={"question": "airway", "has": "misprint"}), "has no answer misprint"),
        (lambda d: d["rules"][0].update(when={"question": "nowhere", "is": "yes"}), "no earlier question nowhere"),
        (lambda d: d["rules"][0].update(when={"fact": "shoe_size", "at_least": 40}), "shoe_size is no fact"),
        (lambda d: d["rules"][0].update(when={"question": "dry", "is": "no"}), "phrase dry so that yes"),
        (lambda d: d["rules"][0].update(when={"question": "airway", "has": "saliva", "is": "x"}), "exactly one"),
        (lambda d: d["questions"].append(copy.deepcopy(d["questions"][0])), "airway stands twice"),
        (lambda d: d["questions"][0].update(text="Har {patienten} ont?"), "is no placeholder"),
        (lambda d: d["questions"][0].update(ask_when={"question": "dry", "is": "yes"}), "no earlier question dry"),
        (lambda d: d.update(notice="Godkänd"), "Demo, ej"),
        (lambda d: d.update(surprise=1), "surprise"),
        (lambda d: d.update(new_within=None), "new_within"),
    ],
)
def test_a_faulty_protocol_is_refused_with_the_place(change: Any, message: str) -> None:
    data = raw("sore_throat")
    change(data)
    with pytest.raises(ProtocolError, match=message):
        build(data, common_data())


def test_yaml_words_stay_words_and_no_key_stands_twice() -> None:
    assert read_yaml("is: yes", "x") == {"is": "yes"}
    assert read_yaml("a: true", "x") == {"a": True}
    with pytest.raises(ProtocolError, match="stands twice"):
        read_yaml("a: 1\na: 2", "x")
    with pytest.raises(ProtocolError):
        read_yaml("a: [", "x")
