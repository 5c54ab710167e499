"""``docker-compose.yml`` against the Compose JSON schema and our own rules. No container is started by any test."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from direkt1177.embedded.children import beat_command, web_command, worker_command
from tests.databases import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ["migrate", "web", "sockets", "worker", "beat", "backup"]


def test_it_follows_the_schema() -> None:
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    faults = [
        f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}"
        for fault in jsonschema.Draft202012Validator(schema).iter_errors(COMPOSE)
    ]
    assert faults == []


def test_the_schema_would_find_a_slip() -> None:
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
    wrong = {"services": {"web": {**SERVICES["web"], "heathcheck": {}}}}
    assert not jsonschema.Draft202012Validator(schema).is_valid(wrong)


def test_all_parts_are_there() -> None:
    assert set(SERVICES) == {*OURS, "proxy", "postgres", "valkey", "coturn"}


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    # coturn needs the host's network for its relays; it is off unless video is wanted.
    assert [name for name, service in SERVICES.items() if "network_mode" in service] == ["coturn"]
    assert SERVICES["coturn"]["profiles"] == ["video"]
    assert "postgres" not in COMPOSE["networks"]["front"]
    for name in ("postgres", "valkey", "worker", "beat"):
        assert SERVICES[name]["networks"] == ["inside"], name
    assert SERVICES["proxy"]["networks"] == ["outside", "front"]


def test_only_the_proxy_may_say_who_the_browser_is() -> None:
    (config,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    for name in ("web", "sockets"):
        assert SERVICES[name]["environment"]["FORWARDED_ALLOW_IPS"] == config["subnet"]


@pytest.mark.parametrize("name", OURS)
def test_our_processes_can_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "DJANGO_SETTINGS_MODULE" not in service["environment"], "the image names the production settings"


def test_only_migrations_and_backups_are_the_owner() -> None:
    owners = [name for name in OURS if "DATABASE_OWNER_URL" in SERVICES[name]["environment"]]
    assert owners == ["migrate", "backup"]


def test_everything_named_in_dependencies_exists_and_can_be_waited_for() -> None:
    for name, service in SERVICES.items():
        for other, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other], f"{name} waits for {other}"
            else:
                assert SERVICES[other]["restart"] == "no", f"{name} waits for the end of {other}"
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).exists(), source
            elif not source.startswith("$"):
                assert source in COMPOSE["volumes"], source
        assert set(service.get("networks", [])) <= set(COMPOSE["networks"])


def test_every_variable_stands_in_the_example() -> None:
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    example = dict(
        line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if line and line[0] != "#"
    )
    assert used == set(example)
    secret = [name for name in example if re.search("KEY|TOKEN|PASSWORD|SECRET", name)]
    assert [name for name in secret if example[name]] == [], "a secret in the repository"


def _options(command: list[str]) -> list[str]:
    """From the module's name on, without what differs between one machine and a container."""
    differs = ("--host", "--port", "--schedule", "--concurrency")
    words = command[command.index("-m") :]
    return [word for i, word in enumerate(words) if word not in differs and (i == 0 or words[i - 1] not in differs)]


def test_containers_run_the_commands_that_are_tested() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    web = json.loads(next(line for line in dockerfile.splitlines() if line.startswith("CMD "))[4:])
    assert _options(web) == _options(web_command(8000))
    assert _options(shlex.split(SERVICES["worker"]["command"])) == _options(worker_command())
    assert _options(shlex.split(SERVICES["beat"]["command"])) == _options(beat_command(Path("/tmp")))


def test_the_image_is_not_root_and_holds_no_secret() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER direkt" in lines
    assert "ENV DJANGO_SETTINGS_MODULE=direkt1177.settings.production" in lines
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*", "only what is named goes into the image: no .env, no var/, no .git"
    copied = {line[1:] for line in ignored if line.startswith("!")}
    assert all((ROOT / name).exists() for name in copied)
    assert {"direkt1177", "cases", "triage", "handover", "journal", "templates", "static", "manage.py"} < copied


def test_the_proxy_counts_bytes_and_keeps_monitoring_inside() -> None:
    text = (ROOT / "docs/deploy/Caddyfile").read_text()
    assert "max_size 14MB" in text
    assert "@inside path /live /ready /metrics" in text
    assert "@sockets path /ws/*" in text
    assert "request delete" in text, "its own error log would name who asked for what"
