"""Named refusals of the visit note (JOU-02, JOU-08, CAS-22)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.errors import clock_text
from direkt1177.audit.refusals import Invalid, Refusal, StaleVersion


class NoteChanged(StaleVersion):
    """Someone, or another tab, saved the note after this page was opened.

    Attributes:
        version: the version that is stored now; saving with it keeps both texts, the older as history.
    """

    code = "note_changed"
    headline = _("The note was saved somewhere else")

    def __init__(self, *, by: str, at: datetime, version: int) -> None:
        self.version = version
        super().__init__(
            gettext("%(name)s saved it at %(time)s. What you typed is still here.")
            % {"name": by, "time": clock_text(at)}
        )


class NoteSigned(Refusal):
    """A signed note never changes (JOU-02)."""

    code = "note_signed"
    headline = _("The note is already signed")

    def __init__(self, *, by: str, at: datetime) -> None:
        super().__init__(
            gettext("%(name)s signed it at %(time)s. A signed note cannot be changed.")
            % {"name": by, "time": clock_text(at)}
        )


class NotYourNote(Refusal):
    """Only the one who performs the contact writes and signs (JOU-08)."""

    status = 403
    code = "not_your_note"
    headline = _("The note is not yours")
    message = _("Only the one who performs the contact writes and signs the note.")


class CaseNotClosed(Refusal):
    """Signing waits until the visit is closed (JOU-02)."""

    code = "case_not_closed"
    headline = _("The visit is not closed")
    message = _("Close the visit first, then check the note and sign it.")


class PatientNotConfirmed(Invalid):
    """Export asks whether the same patient is open in the record system (CAS-22)."""

    code = "patient_not_confirmed"
    headline = _("Confirm the patient")
    message = _("Confirm that the same patient is open in the record system, then sign again.")


class NoteEmpty(Invalid):
    """There is nothing to sign."""

    code = "note_empty"
    headline = _("The note is empty")
    message = _("Write something under at least one keyword before you sign.")


class NoteFormOutdated(Invalid):
    """The form does not have the note's keywords."""

    code = "note_form_outdated"
    headline = _("The note has other keywords now")
    message = _("Copy your text and reload the page.")
