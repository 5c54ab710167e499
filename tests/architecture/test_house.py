"""The house: file sizes, registries, catalogue, traceability, migrations, system checks, addresses."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.admin.sites import all_sites
from django.core.management import call_command

from direkt1177 import house_rules, traceability, translations
from tests.databases import run_manage

ROOT = Path(__file__).resolve().parent.parent.parent
CARE_APPS = ("cases", "triage", "journal", "handover")
# Clinical data never stands in the admin: it would bypass the doors and the read log (design §1).
ADMIN_ALLOWED_APPS = {"accounts", "auth", "questions", "units"}
ADMIN_ALLOWED_MODELS = {"cases.phrase", "cases.phrasecategory", "triage.protocolversion", "triage.contactreason"}
ADMIN_ALLOWED_MODELS |= {"residents.region"}


def test_files_are_short_and_name_no_registry() -> None:
    assert house_rules.find_faults() == []


def test_house_rules_see_a_registry_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = tmp_path / "notes.md"
    bad.write_text("see https://" + "pypi" + ".org/simple\n", encoding="utf-8")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").write_text("django-channels==0.7.0\n", encoding="utf-8")
    monkeypatch.setattr(house_rules, "ROOT", tmp_path)
    monkeypatch.setattr(house_rules, "committed_files", lambda: [bad])
    faults = "\n".join(house_rules.find_faults())
    assert "names a registry's host" in faults
    assert "django-channels is not Channels" in faults


def test_swedish_is_complete() -> None:
    assert translations.find_faults() == []


def test_traceability_is_up_to_date() -> None:
    assert traceability.TABLE.read_text(encoding="utf-8") == traceability.render(), "run: manage.py traceability"


def test_migrations_are_in_sync(db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_system_checks_pass_as_app(db: None) -> None:
    call_command("check", databases=["default"], fail_level="WARNING")


def test_system_check_refuses_the_owner(django_db_setup: None) -> None:
    env = {"DATABASE_URL": os.environ["DATABASE_OWNER_URL"]}
    with pytest.raises(AssertionError, match=r"direkt\.E007"):
        run_manage("check", "--database", "default", env=env)


def test_layers_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_admin_registers_no_clinical_model() -> None:
    strangers = [
        model._meta.label_lower
        for site in all_sites
        for model in site._registry
        if model._meta.app_label not in ADMIN_ALLOWED_APPS and model._meta.label_lower not in ADMIN_ALLOWED_MODELS
    ]
    assert strangers == []


@pytest.mark.parametrize("app", CARE_APPS)
def test_care_apps_have_the_same_rooms(app: str) -> None:
    # Handover is several parts, each with these rooms; what they share stands beside them.
    rooms = {path.stem for path in [*(ROOT / app).iterdir(), *(ROOT / app).glob("*/*.py")]}
    wanted = {"errors", "models", "events", "queries", "commands", "views", "urls"}
    assert wanted <= rooms


def test_nobody_but_commands_opens_transactions() -> None:
    """One path for every change: views, consumers, tasks and queries never start a transaction of their own."""
    offenders = []
    for name in ("views", "consumers", "tasks", "queries", "feeds", "forms", "admin"):
        for path in _rooms(name):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            offenders += [
                f"{path.relative_to(ROOT)}:{node.lineno}"
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute) and node.attr == "atomic"
            ]
    assert offenders == []


def test_templates_hold_no_inline_script_style_or_handler() -> None:
    script = r"<script(?![^>]*\bsrc=)(?![^>]*application/json)"
    inline = re.compile(rf"\sstyle=|\son[a-z]+=\"|<style|javascript:|{script}", re.IGNORECASE)
    offenders = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}", "", path.read_text(encoding="utf-8"))
        offenders += [f"{path.relative_to(ROOT)}: {found.group()}" for found in inline.finditer(text)]
        if re.search(r"\|\s*safe\b|autoescape off", text):
            offenders.append(f"{path.relative_to(ROOT)}: escapes nothing")
    assert offenders == []


def test_every_app_stands_at_its_place() -> None:
    labels = {config.label for config in apps.get_app_configs()}
    assert {
        *CARE_APPS,
        "realtime",
        "outbox",
        "audit",
        "units",
        "residents",
        "accounts",
        "questions",
        "statistics",
    } <= labels
    assert not [path for word in ("utils", "common", "core") for path in ROOT.glob(f"[!.v]*/**/{word}*.py")]


def _rooms(name: str) -> list[Path]:
    found: list[Path] = []
    for folder in (*CARE_APPS, "direkt1177"):
        found += (ROOT / folder).rglob(f"{name}.py")
        found += (path for path in (ROOT / folder).rglob("*.py") if path.parent.name == name)
    return sorted(found)
