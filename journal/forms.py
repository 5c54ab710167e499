"""Shape of the note form: one text for each keyword, the version that was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from journal.rules import Section

SECTION_LIMIT = 20_000
MAX_SECTIONS = 30


class NoteForm(forms.Form):
    """The draft as typed. The fields are made from the note's own keywords, never from the request."""

    version = forms.IntegerField(min_value=0, max_value=2_000_000_000, widget=forms.HiddenInput)

    def __init__(self, sections: Sequence[Section], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = [f"section_{number}" for number in range(len(sections))]
        for name, section in zip(self.names, sections, strict=True):
            lines = section.text.count("\n") + len(section.text) // 45 + 1
            rows = 1 if section.text and lines == 1 else min(14, max(2, lines))
            self.fields[name] = forms.CharField(
                label=section.keyword or _("Note"),
                required=False,
                strip=False,
                max_length=SECTION_LIMIT,
                initial=section.text,
                widget=forms.Textarea(attrs={"rows": rows, "class": "ds-input"}),
            )

    @property
    def texts(self) -> list[str]:
        """The checked texts in the order of the keywords."""
        return [self.cleaned_data[name] for name in self.names]

    def section_fields(self) -> list[forms.BoundField]:
        """Bound fields of the keywords, in order."""
        return [self[name] for name in self.names]


class SignForm(NoteForm):
    """Signing: the texts as checked, the confirmation, the key of the form."""

    same_patient = forms.BooleanField(
        required=False, label=_("I have checked that the same patient is open in the record system.")
    )
    form_key = forms.CharField(max_length=80, widget=forms.HiddenInput)
