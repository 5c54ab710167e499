"""Walking through the entrance with Django's client, page by page, as a resident without JavaScript does."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from direkt1177.questions import kinds
from direkt1177.questions.kinds import NONE, AnswerValue
from triage.access import OpenInterview
from triage.models import Interview
from triage.queries import load


class Walk:
    """One interview in one browser."""

    def __init__(self, client: Client, start: str = "/sok-vard/") -> None:
        self.client = client
        self.start = start
        self.url = start
        self.response: Any = None

    def get(self, url: str | None = None) -> Any:
        """Open a page and follow where it leads."""
        self.response = self.client.get(url or self.url, follow=True)
        self._moved(url or self.url)
        return self.response

    def post(self, url: str | None = None, **data: Any) -> Any:
        """Send a form and follow where it leads."""
        sent = {key: value for key, value in data.items() if value is not None}
        self.response = self.client.post(url or self.url, sent, follow=True)
        self._moved(url or self.url)
        return self.response

    def _moved(self, url: str) -> None:
        self.url = self.response.redirect_chain[-1][0] if self.response.redirect_chain else url

    @property
    def page(self) -> str:
        """The last part of the address."""
        return self.url.rstrip("/").rpartition("/")[2]

    @property
    def html(self) -> str:
        """The page as text."""
        return str(self.response.content.decode())

    @property
    def interview(self) -> Interview:
        """The interview as stored now."""
        found = re.search(r"[0-9a-f-]{36}", self.url)
        assert found is not None, self.url
        return Interview.objects.get(public_id=found.group(0))

    def key(self) -> str:
        """The hidden key of the form shown."""
        found = re.search(r'name="key" value="([0-9a-f]+)"', self.html)
        assert found is not None
        return found.group(1)

    def begin(self, who: Any) -> None:
        """Choose whom it is about and pass the gate with no."""
        self.get(self.start)
        self.post(who=str(who.public_id), key=self.key())
        assert self.page == "akut"
        self.post(answer="no")
        assert self.page == "beratta"

    def describe(self, text: str = "Jag har ont i halsen", reason: str = "sore_throat") -> None:
        """Tell in own words and choose a reason."""
        self.post(text=text, reason=reason)

    def answer_all(self, answers: dict[str, AnswerValue]) -> int:
        """Answer every question with the given answers until another page comes; returns how many."""
        count = 0
        while "/fraga/" in self.url:
            interview = self.interview
            loaded = load(
                OpenInterview(interview, "self" if interview.person_id == interview.patient_id else "guardian")
            )
            question = loaded.path.next
            assert question is not None
            self.post(question=question.id, **form_data(question, answers[question.id]))
            assert self.response.status_code == 200, self.html
            count += 1
            assert count < 60
        return count

    def to_summary(self) -> None:
        """From the result to the summary with everything allowed."""
        self.post(choice="go_on")
        assert self.page == "mer", self.url
        self.post(added_text="Jag jobbar natt.", go="1")
        self.consent_and_fee()

    def consent_and_fee(self) -> None:
        """Consents and fee page."""
        assert self.page == "samtycke", self.url
        self.post(care_history="yes", medication_list="no")
        assert self.page == "avgift", self.url
        version = re.search(r'name="version" value="([^"]+)"', self.html)
        assert version is not None
        self.post(version=version.group(1))
        assert self.page == "skicka", self.url


def form_data(question: kinds.Question, answer: AnswerValue) -> dict[str, Any]:
    """What a browser sends for an answer."""
    field = f"q_{question.id}"
    if isinstance(question, kinds.Number):
        return {f"{field}_unknown": "1"} if answer == "unknown" else {field: str(answer).replace(".", ",")}
    if isinstance(answer, list):
        return {field: answer or [NONE]}
    return {field: answer}
