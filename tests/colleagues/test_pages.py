"""Pages of colleagues: inviting, the list of visits, and each address of a case for both kinds of guest."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cases.colleagues.models import Guest, InternalMessage
from cases.models import Case
from direkt1177.units.models import Unit
from tests import factories
from tests.colleagues.inviting import Visit, invite, visit
from tests.factories import key, make_staff
from tests.permissions.test_matrix import GET_PAGES, POST_PAGES
from tests.signing_in import staff_client

pytestmark = pytest.mark.django_db(transaction=True)
# What guests get: the page, its panels, the internal chat; those who take part also what belongs to talking with the
# patient. All other addresses of a case are tried too and refuse (I-09).
READS = {
    "cases:case", "cases:case_head", "triage:result_panel", "journal:note_panel", "colleagues:pane", "colleagues:log",
    "colleagues:icons", "colleagues:guests", "cases:preview", "calls:panel", "handover:case_tickets",
    "handover:case_ticket", "handover:clock_panel", "handover:offer_panel",
}  # fmt: skip
CONSULTS = {"colleagues:send", "colleagues:seen", "cases:copied"}
TAKES_PART = CONSULTS | {"cases:send", "cases:change_urgency", "cases:pause"}
NEVER = {
    "cases:close_visit", "cases:book", "cases:put_back", "cases:start_visit", "handover:offer", "colleagues:invite",
    "journal:save", "journal:sign", "cases:protect",
}  # fmt: skip


@pytest.fixture
def v() -> Visit:
    """A started case and its colleagues."""
    return visit()


@pytest.mark.req("CHT-16", "CHT-17", "CHT-18")
@pytest.mark.parametrize("mode", ["consult", "participate"])
def test_every_address_of_a_case_for_a_guest(v: Visit, mode: str) -> None:
    invite(v, mode=mode)
    client, ident = staff_client(v.doctor), v.case.public_id
    for name in READS:
        answer = client.get(reverse(name, args=[ident]), headers={"HX-Request": "true"}, follow=True)
        assert answer.status_code in (200, 204), (name, answer.status_code)
    may = CONSULTS if mode == "consult" else TAKES_PART
    assert set(POST_PAGES) >= may | NEVER
    assert set(GET_PAGES) >= READS - {"cases:case"}
    for name in [*NEVER, *(TAKES_PART - may)]:
        answer = client.post(reverse(name, args=[ident]), _form(v.case))
        assert answer.status_code in (403, 404, 409, 422), (name, answer.status_code)
    before = Case.objects.get(pk=v.case.pk)
    assert (before.state, before.holder_id, before.last_seq) == ("started", v.nurse.user_id, v.case.last_seq)
    for name in sorted(may):
        v.case.refresh_from_db()
        answer = client.post(reverse(name, args=[ident]), _form(v.case))
        assert answer.status_code in (200, 204, 302), (name, answer.status_code)


@pytest.mark.req("CHT-14", "CHT-15", "QUE-07", "ORG-01")
def test_inviting_by_the_page_and_the_list_of_visits(v: Visit) -> None:
    nurse, doctor = staff_client(v.nurse), staff_client(v.doctor)
    off_duty = make_staff(Unit.objects.get(pk=v.nurse.unit_id), on_shift=False)
    stranger = make_staff()
    page = reverse("colleagues:invite", args=[v.case.public_id])
    shown = nurse.get(page).content.decode()
    for who, there in ((v.doctor, True), (v.elsewhere, True), (off_duty, False), (stranger, False), (v.nurse, False)):
        assert (f'value="{who.user_id}:{who.unit_id}"' in shown) is there
    press = {"to": f"{v.doctor.user_id}:{v.doctor.unit_id}", "mode": "consult", "key": key()}
    assert nurse.post(page, press).status_code == 302
    again = nurse.post(page, press | {"key": key()})
    assert again.status_code == 409
    assert "redan gäst" in again.content.decode()
    assert nurse.post(page, press | {"to": "", "key": key()}).status_code == 422
    assert "är redan gäst" in nurse.get(page).content.decode()
    mine = doctor.get(reverse("colleagues:mine")).content.decode()
    assert reverse("cases:case", args=[v.case.public_id]) in mine
    assert "Rådgör internt" in mine
    assert v.nurse.name in mine
    assert reverse("colleagues:mine") in doctor.get(reverse("cases:start")).content.decode()
    case = doctor.get(reverse("cases:case", args=[v.case.public_id])).content.decode()
    assert "data-composer" not in case
    assert 'data-dialog="close-visit"' not in case
    assert "data-internal-form" in case
    guest = Guest.objects.get()
    changed = nurse.post(reverse("colleagues:mode", args=[v.case.public_id, guest.public_id]), {"mode": "participate"})
    assert changed.status_code == 302
    case = doctor.get(reverse("cases:case", args=[v.case.public_id])).content.decode()
    assert "data-composer" in case
    assert 'data-dialog="close-visit"' not in case
    assert doctor.post(reverse("colleagues:end", args=[v.case.public_id, guest.public_id])).status_code == 302
    assert doctor.get(reverse("cases:case", args=[v.case.public_id])).content.decode().count(v.nurse.name)
    assert reverse("cases:case", args=[v.case.public_id]) not in doctor.get(reverse("colleagues:mine")).content.decode()


def test_the_list_costs_the_same_however_long(v: Visit, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    client = staff_client(v.doctor)
    for _ in range(4):
        v.case = factories.make_started_case(v.nurse)
        invite(v)
    client.get(reverse("colleagues:mine"))
    with django_assert_max_num_queries(22):
        assert client.get(reverse("colleagues:mine"), headers={"HX-Request": "true"}).status_code == 200


def test_a_line_without_script_leads_back_to_the_page(v: Visit) -> None:
    client = staff_client(v.nurse)
    answer = client.post(reverse("colleagues:send", args=[v.case.public_id]), {"text": "Utan skript", "key": key()})
    assert (answer.status_code, answer["Location"]) == (302, reverse("colleagues:pane", args=[v.case.public_id]))
    assert InternalMessage.objects.get().text == "Utan skript"
    assert "Utan skript" in client.get(answer["Location"]).content.decode()


def _form(case: Case) -> dict[str, str]:
    from datetime import timedelta

    from direkt1177.units.clock import now

    return {
        "key": key(), "form_key": key(), "client_id": key(), "text": "Hej", "urgency": "1", "reason": "test",
        "version": str(case.version), "follow_up_days": "0", "protected": "yes", "seq": "1", "to": "1:1",
        "date": str((now() + timedelta(days=2)).date()), "time": "08:00", "message": "Vi hörs.", "where": "app",
        "booked": "on", "mode": "consult",
    }  # fmt: skip
