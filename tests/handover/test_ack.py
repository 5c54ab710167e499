"""Acknowledgements: to whom, who reads meanwhile, once, in bulk, the coordinator's list, never the patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import get_resolver, reverse

from cases.errors import NotHolder
from cases.models import Case, CaseReader
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import AdminPermission
from direkt1177.accounts.queries import staff_actor
from direkt1177.audit.models import ChangeLog, ReadLog
from direkt1177.audit.refusals import NotFound, Refusal
from direkt1177.realtime.models import FeedChange
from direkt1177.units.clock import moved, now
from direkt1177.units.models import Unit
from handover.acknowledgements import commands, queries
from handover.models import Acknowledgement, Notice
from handover.timers import fire
from tests import factories
from tests.factories import key, make_staff, make_started_case, resident, set_policy
from tests.handover.tickets import make_scene
from tests.permissions.addresses import RESIDENT, _walk, audience_of
from tests.signing_in import resident_client, staff_client

pytestmark = pytest.mark.django_db


@dataclass
class Desk:
    """A unit with a holder, a colleague, a doctor and a coordinator; a started case."""

    unit: Unit
    holder: StaffActor
    colleague: StaffActor
    doctor: StaffActor
    coordinator: StaffActor
    case: Case

    def ask(self, to: str, *, kind: str = "follow_up", text: str = "HEMLIGVIDIMERING") -> UUID:
        """Ask about the case."""
        return commands.ask_acknowledgement(
            actor=self.holder, case_id=self.case.public_id, kind=kind, to=to, text=text, key=key()
        )


@pytest.fixture
def desk() -> Desk:
    holder = make_staff()
    unit = Unit.objects.select_related("provider__region").get(pk=holder.unit_id)
    boss = make_staff(unit, "physiotherapist")
    AdminPermission.objects.create(user_id=boss.user_id, unit=unit, kind="coordinator")
    coordinator = staff_actor(user_id=boss.user_id, membership_id=boss.membership_id)
    assert coordinator is not None
    case = make_started_case(holder)
    return Desk(unit, holder, make_staff(unit), make_staff(unit, "doctor"), coordinator, case)


@pytest.mark.req("ACK-01", "ACK-02", "ACK-03", "ACK-04", "NOT-01")
@pytest.mark.parametrize("kind", ["follow_up", "information"])
def test_a_colleague_reads_while_it_stands_and_acknowledges_once(desk: Desk, kind: str) -> None:
    client, page = staff_client(desk.colleague), reverse("cases:case", args=[desk.case.public_id])
    assert "KANARIE" not in client.get(page).content.decode()
    assert desk.case.state == "started"
    post = desk.ask(f"user:{desk.colleague.user_id}", kind=kind)
    notice = Notice.objects.get(kind="acknowledgement")
    assert (notice.user_id, notice.unit_id) == (desk.colleague.user_id, desk.unit.pk)
    assert FeedChange.objects.filter(feed=f"notices:{desk.colleague.user_id}", object="acknowledgements").exists()
    assert "Chatt med patienten" in client.get(page).content.decode()
    opened = client.get(reverse("handover:acknowledgement", args=[post])).content.decode()
    assert "HEMLIGVIDIMERING" in opened
    assert page in opened
    commands.acknowledge(actor=desk.colleague, post_id=post, key=key())
    row = Acknowledgement.objects.get()
    assert (row.done_by_id, row.done_at is not None) == (desk.colleague.user_id, True)
    assert CaseReader.objects.get().ended_at is not None
    assert "Chatt med patienten" not in client.get(page).content.decode()
    commands.acknowledge(actor=desk.colleague, post_id=post, key=key())
    events = ChangeLog.objects.filter(object_type="acknowledgement").order_by("pk").values_list("event", flat=True)
    assert list(events) == ["acknowledgement_asked", "acknowledged"]


@pytest.mark.req("ACK-01", "ACK-03", "ACK-06")
def test_a_role_gets_it_and_the_second_who_presses_is_told_who_was_first(desk: Desk) -> None:
    second = make_staff(desk.unit, "doctor")
    post = desk.ask(f"role:{desk.doctor.role_id}")
    assert [queries.count_for(actor) for actor in (desk.doctor, second, desk.colleague)] == [1, 1, 0]
    feed = f"desk:{desk.unit.pk}:{desk.doctor.role_id}"
    assert FeedChange.objects.filter(feed=feed, object="acknowledgements").exists()
    commands.acknowledge(actor=desk.doctor, post_id=post, key=key())
    with pytest.raises(Refusal) as late:
        commands.acknowledge(actor=second, post_id=post, key=key())
    assert late.value.code == "already_acknowledged"
    assert desk.doctor.name in str(late.value.message)
    assert queries.count_for(second) == 0


def test_the_right_to_read_stays_while_another_post_stands(desk: Desk) -> None:
    first, second = (desk.ask(f"role:{desk.doctor.role_id}") for _ in range(2))
    commands.acknowledge(actor=desk.doctor, post_id=first, key=key())
    assert CaseReader.objects.filter(ended_at=None).exists()
    commands.acknowledge(actor=desk.doctor, post_id=second, key=key())
    assert not CaseReader.objects.filter(ended_at=None).exists()


@pytest.mark.req("ACK-05", "ACK-06")
def test_lists_are_by_age_and_the_coordinator_sees_the_units(desk: Desk) -> None:
    with moved(now() - timedelta(days=2)):
        old = desk.ask(f"role:{desk.doctor.role_id}", text="Äldst")
    new = desk.ask(f"role:{desk.doctor.role_id}", text="Nyast")
    desk.ask(f"user:{desk.colleague.user_id}")
    assert [row.public_id for row in queries.outstanding_for(desk.doctor)] == [old, new]
    page = staff_client(desk.doctor).get(reverse("handover:acknowledgements")).content.decode()
    assert page.index(str(old)) < page.index(str(new))
    assert '<span class="count hot">2</span>' in page
    unit_page = staff_client(desk.coordinator).get(reverse("handover:acknowledgements")).content.decode()
    assert unit_page.count("Vidimera<span") == 3
    assert "Enhetens vidimeringar" in unit_page
    assert staff_client(desk.colleague).get(reverse("handover:unit_acknowledgements")).status_code == 404
    counter = staff_client(desk.doctor).get(reverse("handover:acknowledgement_count")).content.decode()
    assert ">2<" in counter
    log = ReadLog.objects.filter(object_id="acknowledgements").latest("pk")
    assert log.patients == [desk.case.patient_id]


def test_lists_cost_the_same_however_long(desk: Desk, django_assert_max_num_queries: Any) -> None:
    for _ in range(3):
        factories_case = make_started_case(desk.holder)
        commands.ask_acknowledgement(
            actor=desk.holder, case_id=factories_case.public_id, kind="information", to=f"role:{desk.doctor.role_id}",
            text="x", key=key(),
        )  # fmt: skip
    with django_assert_max_num_queries(2):
        assert len(queries.outstanding_for(desk.doctor)) == 3


@pytest.mark.req("ACK-05")
def test_only_the_addressee_and_the_coordinator_open_and_acknowledge(desk: Desk) -> None:
    post = desk.ask(f"user:{desk.colleague.user_id}")
    page = reverse("handover:acknowledgement", args=[post])
    for actor in (desk.doctor, desk.holder, make_staff()):
        answer = staff_client(actor).get(page)
        assert answer.status_code == 404
        assert "HEMLIG" not in answer.content.decode()
        with pytest.raises(NotFound):
            commands.acknowledge(actor=actor, post_id=post, key=key())
    assert staff_client(desk.coordinator).get(page).status_code == 200
    commands.acknowledge(actor=desk.coordinator, post_id=post, key=key())
    assert Acknowledgement.objects.get().done_by_id == desk.coordinator.user_id


@pytest.mark.req("ACK-02")
def test_the_patient_sees_it_through_no_door(desk: Desk) -> None:
    post = desk.ask(f"role:{desk.doctor.role_id}")
    client = resident_client(desk.case.patient)
    ids = [str(desk.case.public_id), str(post)]
    tried = 0
    for address in _walk(get_resolver(), "", ""):
        for ident in ids:
            path = _with_id(address.path, ident)
            answer = client.get(path)
            body = b"" if answer.streaming else answer.content
            assert b"HEMLIGVIDIMERING" not in body, path
            assert b"idimer" not in body or audience_of(address.name) == RESIDENT, path
            tried += 1
    assert tried > 50
    for feed in (
        f"chat:{desk.case.public_id}:patient",
        f"me:{resident(desk.case.patient).key}",
        f"desk:{desk.unit.pk}:{desk.doctor.role_id}",
        f"notices:{desk.doctor.user_id}",
        f"coordinator:{desk.unit.pk}",
    ):
        assert "HEMLIGVIDIMERING" not in client.get("/live/feed/", {"feed": feed}).content.decode()
    assert not desk.case.messages.filter(text__contains="HEMLIG").exists()


def _with_id(path: str, ident: str) -> str:
    import re

    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", ident, path)


@pytest.mark.req("ACK-01")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "user:0"}, "acknowledgement_no_addressee"),
        ({"to": "drottningen"}, "acknowledgement_no_addressee"),
        ({"to": "role:999999"}, "acknowledgement_role_empty"),
        ({"to": "self"}, "acknowledgement_to_self"),
        ({"kind": "unused_ticket"}, "acknowledgement_kind_not_used"),
        ({"kind": "annat"}, "acknowledgement_kind_not_used"),
        ({"text": "  "}, "acknowledgement_text_missing"),
        ({"text": "x" * 2001}, "acknowledgement_text_missing"),
    ],
)
def test_each_fault_is_named(desk: Desk, changes: dict[str, str], code: str) -> None:
    asked = {"to": f"role:{desk.doctor.role_id}", "kind": "follow_up", "text": "Ring", **changes}
    asked["to"] = f"user:{desk.holder.user_id}" if asked["to"] == "self" else asked["to"]
    with pytest.raises(Refusal) as refusal:
        desk.ask(asked["to"], kind=asked["kind"], text=asked["text"])
    assert refusal.value.code == code
    assert not Acknowledgement.objects.exists()


def test_only_who_works_in_the_case_asks(desk: Desk) -> None:
    for actor, error in ((desk.colleague, Refusal), (make_staff(), NotFound)):
        with pytest.raises(error):
            commands.ask_acknowledgement(
                actor=actor, case_id=desk.case.public_id, kind="follow_up", to=f"role:{desk.doctor.role_id}",
                text="x", key=key(),
            )  # fmt: skip
    waiting = factories.make_case(desk.unit)
    with pytest.raises(NotHolder):
        commands.ask_acknowledgement(
            actor=desk.holder, case_id=waiting.public_id, kind="follow_up", to=f"role:{desk.doctor.role_id}",
            text="x", key=key(),
        )  # fmt: skip


@pytest.mark.req("ACK-04")
@pytest.mark.parametrize(
    ("use", "offered"),
    [
        (["watch"], ["follow_up", "information"]),
        (["follow_up", "information"], ["follow_up", "information"]),
        (["expired_tickets"], []),
        (["information"], ["information"]),
    ],
)
def test_the_region_decides_which_kinds_are_offered(desk: Desk, use: list[str], offered: list[str]) -> None:
    set_policy(desk.unit, "acknowledgement_use", use)
    page = staff_client(desk.holder).get(reverse("handover:new_acknowledgement", args=[desk.case.public_id]))
    text = page.content.decode()
    for kind in ("follow_up", "information"):
        assert (f'name="kind" value="{kind}"' in text) is (kind in offered)
        if kind not in offered:
            with pytest.raises(Refusal):
                desk.ask(f"role:{desk.doctor.role_id}", kind=kind)


def test_the_page_asks_and_keeps_what_was_typed(desk: Desk) -> None:
    client, page = staff_client(desk.holder), reverse("handover:new_acknowledgement", args=[desk.case.public_id])
    wrong = client.post(page, {"form_key": key(), "kind": "follow_up", "to": "", "text": "BEHÅLL"})
    assert (wrong.status_code, "BEHÅLL" in wrong.content.decode()) == (422, True)
    form = {"form_key": key(), "kind": "follow_up", "to": f"role:{desk.doctor.role_id}", "text": "Ring i morgon"}
    for _ in range(2):
        assert client.post(page, form).status_code == 302
    assert Acknowledgement.objects.count() == 1
    post = Acknowledgement.objects.get()
    done = staff_client(desk.doctor).post(reverse("handover:acknowledge", args=[post.public_id]), {"key": key()})
    assert done.status_code == 302


@pytest.mark.req("TIK-14", "ACK-06")
def test_bulk_clears_unused_tickets_of_urgency_3_to_5_and_nothing_else() -> None:
    scene = make_scene()
    tickets = [scene.send(), scene.send(urgency=5), scene.send(urgency=2, no_phone_reason="Svarar inte")]
    scene.close()
    with moved(tickets[0].valid_to + timedelta(minutes=1)):
        for due in fire.find_due():
            fire.fire(due)
    client = staff_client(scene.receiver)
    page = client.get(reverse("handover:acknowledgements")).content.decode()
    assert "Vidimera alla oanvända biljetter" in page
    assert "Ring patienten" in page
    posts = list(Acknowledgement.objects.filter(unit=scene.unit))
    everything = [str(post.public_id) for post in posts]
    unused = [post for post in posts if post.kind == "unused_ticket" and "Följ inte upp" in post.text]
    assert len(unused) == 2
    answer = client.post(reverse("handover:acknowledge_unused"), {"key": key(), "post": [*everything, "skräp"]})
    assert answer.status_code == 302
    left = Acknowledgement.objects.filter(unit=scene.unit, done_at=None)
    assert {post.pk for post in posts} - {post.pk for post in left} == {post.pk for post in unused}
    stranger = make_staff(scene.unit, "doctor")
    assert commands.acknowledge_unused(actor=stranger, post_ids=[p.public_id for p in posts], key=key()) == 0


@pytest.mark.req("TIK-09")
def test_the_post_about_an_unused_ticket_gives_the_receiver_no_way_into_the_givers_case() -> None:
    scene = make_scene()
    ticket = scene.usable()
    with moved(ticket.valid_to):
        for due in fire.find_due():
            fire.fire(due)
    client = staff_client(scene.receiver)
    post = Acknowledgement.objects.get()
    page = client.get(reverse("handover:acknowledgement", args=[post.public_id])).content.decode()
    assert reverse("handover:ticket", args=[ticket.public_id]) in page
    assert str(scene.case.public_id) not in page
    assert client.get(reverse("cases:case", args=[scene.case.public_id])).status_code == 404
    assert not CaseReader.objects.exists()


@pytest.mark.req("HOV-15")
def test_the_right_to_read_ends_when_the_case_goes_to_another_unit(desk: Desk) -> None:
    from cases import commands as cases
    from handover.offers import commands as offers
    from handover.offers.picker import Choice

    post = desk.ask(f"user:{desk.colleague.user_id}")
    other = factories.make_unit(region=desk.unit.provider.region, provider=desk.unit.provider)
    there = make_staff(other)
    offers.offer_case(
        actor=desk.holder,
        case_id=desk.case.public_id,
        offering=offers.Offering(
            to=Choice(other.pk, there.role_id, None), patient_message="Vi lämnar över", documented_first=True
        ),
        key=key(),
    )
    client, page = staff_client(desk.colleague), reverse("cases:case", args=[desk.case.public_id])
    assert "Chatt med patienten" in client.get(page).content.decode()
    cases.receive_case(actor=there, case_id=desk.case.public_id, key=key())
    assert client.get(page).status_code == 404
    text = client.get(reverse("handover:acknowledgement", args=[post])).content.decode()
    assert str(desk.case.public_id) not in text
    commands.acknowledge(actor=desk.colleague, post_id=post, key=key())


def test_the_notice_leads_to_the_post(desk: Desk) -> None:
    post = desk.ask(f"user:{desk.colleague.user_id}")
    notice = Notice.objects.get(kind="acknowledgement")
    answer = staff_client(desk.colleague).post(reverse("handover:notice", args=[notice.public_id]))
    assert answer["Location"] == reverse("handover:acknowledgement", args=[post])
