"""The catalogue's own checks find what they look for, without gettext's programs."""

from __future__ import annotations

import gettext
from collections.abc import Callable
from pathlib import Path

import pytest

from direkt1177 import translations

Writer = Callable[[str, str], None]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Writer:
    """A small project; the fixture writes files into it."""
    locale = tmp_path / "direkt1177" / "locale"
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "LOCALE", locale)
    monkeypatch.setattr(translations, "CATALOGUE", locale / "sv" / "LC_MESSAGES" / "django.po")
    monkeypatch.setattr(translations, "COMPILED", locale / "sv" / "LC_MESSAGES" / "django.mo")

    def write(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return write


SOURCE = """
from django.utils.translation import gettext as _, ngettext, pgettext
def say(n):
    return _("Take") + ngettext("%(n)s case", "%(n)s cases", n) + pgettext("button", "Close")
"""
TEMPLATE = """
{% load i18n %}<p class="x">{% translate "It's here" %}
  {% blocktranslate count n=n trimmed %}
    one {{ n }} row
    {% plural %}{{ n }} rows{% endblocktranslate %}</p>
"""
GOOD = """
msgid "Take"
msgstr "Ta emot"

#, python-format
msgid "%(n)s case"
msgid_plural "%(n)s cases"
msgstr[0] "%(n)s ärende"
msgstr[1] "%(n)s ärenden"

msgctxt "button"
msgid "Close"
msgstr "Avsluta"

msgid "It's here"
msgstr "Här är den"

#, python-format
msgid "one %(n)s row"
msgid_plural "%(n)s rows"
msgstr[0] "en %(n)s rad"
msgstr[1] "%(n)s rader"
"""


def test_python_and_templates_are_read_and_compiled(project: Writer) -> None:
    project("cases/views.py", SOURCE)
    project("templates/page.html", TEMPLATE)
    project("direkt1177/locale/fragments/a.po", GOOD)
    assert translations.find_faults() == []
    with translations.compile_catalogue().open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("Take") == "Ta emot"
    assert compiled.pgettext("button", "Close") == "Avsluta"
    assert compiled.ngettext("%(n)s case", "%(n)s cases", 2) == "%(n)s ärenden"
    translations.merge()
    assert not list((translations.LOCALE / "fragments").glob("*.po"))
    assert translations.find_faults() == []
    first = translations.CATALOGUE.read_text(encoding="utf-8")
    assert "Creation-Date" not in first
    translations.merge()
    assert translations.CATALOGUE.read_text(encoding="utf-8") == first


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('msgid "Take"\nmsgstr "Ta emot"', ""), "cases/views.py:4: no Swedish for 'Take'"),
        (('msgstr "Ta emot"', 'msgstr ""'), "empty translation of 'Take'"),
        (('msgid "Take"', '#, fuzzy\nmsgid "Take"'), "fuzzy translation of 'Take'"),
        (('msgid "Take"', 'msgid "Gone"\nmsgstr "Borta"\n\nmsgid "Take"'), "no source uses 'Gone'"),
        (('msgstr[1] "%(n)s rader"', 'msgstr[1] "%(m)s rader"'), "'one %(n)s row': "),
    ],
)
def test_faults_are_found(project: Writer, change: tuple[str, str], fault: str) -> None:
    project("cases/views.py", SOURCE)
    project("templates/page.html", TEMPLATE)
    project("direkt1177/locale/sv/LC_MESSAGES/django.po", GOOD.replace(*change))
    assert [found for found in translations.find_faults() if found.startswith(fault)], translations.find_faults()


def test_two_translations_of_one_message_are_a_fault(project: Writer) -> None:
    project("direkt1177/locale/fragments/a.po", GOOD)
    project("direkt1177/locale/fragments/b.po", 'msgid "Take"\nmsgstr "Ta"\n')
    with pytest.raises(translations.TranslationError, match=r"'Take' is 'Ta emot' in a\.po but 'Ta' in b\.po"):
        translations.load()
