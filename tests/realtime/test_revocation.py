"""Rights lost while a socket is open: it closes, or the feed is taken away (S-14). Conditions are waited for."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.contrib.sessions.models import Session

from cases import commands
from cases.models import Case
from direkt1177.accounts import manage_commands
from direkt1177.accounts.actors import SYSTEM, ManageActor, StaffActor
from direkt1177.audit.models import ReadLog
from direkt1177.residents.commands import set_protected, store_register_answer
from direkt1177.residents.models import Person
from direkt1177.residents.register import Child, RegisterAnswer
from direkt1177.units.models import Unit
from tests.accounts.test_commands import make_admin
from tests.factories import make_case, make_child, make_person, make_staff, make_started_case, resident
from tests.realtime.harness import Process, wait_for
from tests.realtime.test_errand_live import resident_page, server, session_of, site, staff_page
from tests.signing_in import staff_client

__all__ = ["server", "site"]


@dataclass
class Work:
    """A nurse in a started case, and who administers the unit."""

    nurse: StaffActor
    admin: ManageActor
    case: Case

    @property
    def feed(self) -> str:
        """The chat."""
        return f"chat:{self.case.public_id}:patient"


@pytest.fixture
def work(site: Process) -> Work:
    """The nurse's case has begun."""
    nurse = make_staff()
    unit = Unit.objects.get(pk=nurse.unit_id)
    return Work(nurse, make_admin(unit), make_started_case(nurse))


def _end_membership(work: Work) -> None:
    manage_commands.end_membership(actor=work.admin, membership_id=work.nurse.membership_id, reason="slutat")


def _deactivate(work: Work) -> None:
    manage_commands.set_user_active(actor=work.admin, user_id=work.nurse.user_id, active=False, reason="slutat")


def _delete_sessions(work: Work) -> None:
    del work
    Session.objects.all().delete()  # nothing rings: the watch over open sockets finds it


CAUSES: dict[str, Callable[[Work], None]] = {
    "membership ended": _end_membership,
    "user deactivated": _deactivate,
    "session deleted": _delete_sessions,
}


@pytest.mark.req("AUTH-17", "ORG-16")
@pytest.mark.parametrize("cause", CAUSES)
def test_the_socket_closes_and_cannot_be_opened_again(site: Process, work: Work, cause: str) -> None:
    session = session_of(staff_client(work.nurse))
    page, second = site.open(session), site.open(session)
    for each in (page, second):
        each.subscribe(work.feed)
        assert each.frames[-1]["type"] == "changes"
    CAUSES[cause](work)
    assert {page.until_closed(), second.until_closed()} <= {4401, 4403}
    wait_for(lambda: ReadLog.objects.filter(action="feed_end", object_id=work.feed[:60]).count() == 2, "both ends")
    assert site.open(session).until_closed() == 4401
    assert site.get(f"/live/feed/?feed={work.feed}", session)[0] == 401
    body = {"action": "send_message", "id": uuid.uuid4().hex, "case": str(work.case.public_id), "text": "Hej"}
    assert site.post("/live/action/", body, session)[0] == 401


def test_what_is_written_after_the_end_reaches_nobody(site: Process, work: Work) -> None:
    """A line sent after the rights ended does not get out through the socket that was open."""
    page = staff_page(site, work.nurse)
    page.subscribe(work.feed)
    _end_membership(work)
    text = f"EFTERÅT {uuid.uuid4()}"
    patient = Person.objects.get(pk=work.case.patient_id)
    commands.send_message(actor=resident(patient), case_id=work.case.public_id, client_id=uuid.uuid4().hex, text=text)
    page.until_closed()
    assert text not in str(page.frames)


def _block(guardian: Person, child: Person) -> None:
    """The register answers that the guardian may not represent the child any more."""
    _answer(guardian, (Child(child.personal_number, blocked=True),))


def _lose(guardian: Person, child: Person) -> None:
    """The register does not name the child any more."""
    del child
    _answer(guardian, ())


def _answer(guardian: Person, children: tuple[Child, ...]) -> None:
    answer = RegisterAnswer(
        guardian.first_name, guardian.last_name, guardian.birth_date, guardian.sex, "no", children=children
    )
    store_register_answer(actor=SYSTEM, person_id=guardian.pk, answer=answer)


def _protect(guardian: Person, child: Person) -> None:
    del guardian
    nurse = make_staff()
    set_protected(actor=nurse, person_id=child.pk, value=True)


@pytest.mark.req("ENT-21", "ENT-24")
@pytest.mark.parametrize("how", [_block, _lose, _protect])
def test_a_guardian_who_is_blocked_hears_no_more(
    site: Process, work: Work, how: Callable[[Person, Person], None]
) -> None:
    mother = make_person()
    child = make_child(mother)
    case = make_case(Unit.objects.get(pk=work.nurse.unit_id), patient=child, started_by=mother)
    page, feed = resident_page(site, mother), f"chat:{case.public_id}:patient"
    page.subscribe(feed)
    assert page.frames[-1]["type"] == "changes"
    how(mother, child)
    assert page.until_closed() == 4401
    again = resident_page(site, mother)
    again.subscribe(feed)
    assert again.frames[-1] == {"type": "refused", "feed": feed, "reason": "not_found"}
