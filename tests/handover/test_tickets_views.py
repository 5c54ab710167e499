"""Pages of tickets over HTTP: the form, the tab, the receiver's panel, the patient's pages; who sees what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases import commands as cases
from cases.models import Case
from direkt1177.audit.models import ReadLog
from direkt1177.residents.models import Guardianship
from direkt1177.residents.queries import today
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from handover.models import Ticket
from tests import factories
from tests.factories import key, make_child, make_person, make_staff, make_started_case, resident, set_policy
from tests.handover.tickets import Scene, close_unit, make_scene, sign, use
from tests.signing_in import resident_client, staff_client
from triage.models import Interview

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def form(scene: Scene, **changes: Any) -> dict[str, Any]:
    values = {
        "form_key": key(), "verified": "on", "type": "drop_in", "urgency": "3", "reason": "halsont", "to": scene.to,
        "valid_from": today().isoformat(), "valid_to": (today() + timedelta(days=7)).isoformat(),
        "anamnesis": "HEMLIGANAMNES", "information": "Välkommen", "do": "send",
    }  # fmt: skip
    return {**values, **changes}


def url(scene: Scene) -> str:
    return reverse("handover:new_ticket", args=[scene.case.public_id])


@pytest.mark.req("TIK-02", "TIK-18", "TIK-19", "HOV-17")
def test_the_form_has_every_field_and_nothing_of_the_anamnesis_by_itself(scene: Scene) -> None:
    give_anamnesis(scene.case)
    page = staff_client(scene.giver).get(url(scene)).content.decode()
    for words in (
        "Jag har kontrollerat att det är rätt patient", "Besök", "Drop-in", "Prioritet i mottagarens kö",
        "Sökorsak", "Formulär", "Vårdgivare och resurs", scene.unit.name, "Gäller från", "Gäller till och med",
        "Anamnes, information till mottagande vårdpersonal", "Hämta anamnes", "Information till patient", "Skicka",
        "Stäng",
    ):  # fmt: skip
        assert words in page, words
    assert 'name="urgency" value="3" checked' in page
    assert 'value="Halsont"' in page
    assert f'value="{today() + timedelta(days=7):%Y-%m-%d}"' in page
    assert 'name="visit"' not in page
    assert "Boka tid" not in page
    assert "ANAMNESFRAS" not in page


@pytest.mark.req("TIK-04")
def test_book_time_is_there_only_where_the_region_allows_it(scene: Scene) -> None:
    set_policy(Unit.objects.get(pk=scene.giver.unit_id), "allow_book_time_ticket", True)
    assert "Boka tid" in staff_client(scene.giver).get(url(scene)).content.decode()


@pytest.mark.req("HOV-17")
def test_the_anamnesis_comes_by_a_press_is_logged_and_keeps_what_was_typed(scene: Scene) -> None:
    give_anamnesis(scene.case)
    client = staff_client(scene.giver)
    before = ReadLog.objects.filter(action="copy").count()
    page = client.post(url(scene), form(scene, do="fetch", anamnesis="EGET ORD")).content.decode()
    assert "EGET ORD\n\nANAMNESFRAS" in page
    assert "Välkommen" in page
    assert ReadLog.objects.filter(action="copy").count() == before + 1
    assert not Ticket.objects.exists()


def give_anamnesis(case: Case) -> None:
    Interview.objects.create(
        kind="seek_care", person_id=case.patient_id, patient_id=case.patient_id, unit_id=case.unit_id, outcome="case",
        case=case, assessment={"anamnesis": "ANAMNESFRAS"}, own_words="HEMLIGAORD", created_at=now(), updated_at=now(),
    )  # fmt: skip


@pytest.mark.req("TIK-02")
def test_a_refused_form_says_what_and_keeps_what_was_typed(scene: Scene) -> None:
    yesterday = today() - timedelta(days=1)
    answer = staff_client(scene.giver).post(
        url(scene), form(scene, valid_to=yesterday.isoformat(), verified="", information="BEHÅLL MIG")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Slutdatum är före startdatum" in page
    assert "kryssa i rutan" in page
    assert "BEHÅLL MIG" in page
    assert "2 fält behöver rättas" in page
    assert not Ticket.objects.exists()


@pytest.mark.req("HOV-18", "TIK-16")
def test_sending_leads_on_to_closing_and_the_tab_lists_the_ticket(scene: Scene) -> None:
    client = staff_client(scene.giver)
    answer = client.post(url(scene), form(scene))
    assert (answer.status_code, answer["Location"]) == (
        302, reverse("handover:case_tickets", args=[scene.case.public_id]),
    )  # fmt: skip
    page = client.get(answer["Location"]).content.decode()
    assert "Skickad, besöket är inte avslutat" in page
    assert f"{reverse('cases:case', args=[scene.case.public_id])}?avsluta=1" in page
    opened = client.get(f"{reverse('cases:case', args=[scene.case.public_id])}?avsluta=1").content.decode()
    assert 'id="close-visit" aria-labelledby="close-visit-title" data-open' in opened


def test_a_draft_comes_back_in_the_form(scene: Scene) -> None:
    client = staff_client(scene.giver)
    assert client.post(url(scene), form(scene, do="save", verified="")).status_code == 302
    page = client.get(url(scene)).content.decode()
    assert "HEMLIGANAMNES" in page
    assert f'value="{Ticket.objects.get().public_id}"' in page


def test_a_dialog_is_a_fragment(scene: Scene) -> None:
    client = staff_client(scene.giver)
    page = client.get(url(scene), headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith('<dialog class="ds-dialog" id="ticket-dialog"')
    wrong = client.post(url(scene), form(scene, verified=""), headers={"HX-Request": "true"})
    assert (wrong.status_code, "<dialog" in wrong.content.decode()) == (422, False)


@pytest.mark.req("TIK-08", "TIK-09", "TIK-10", "QUE-24")
def test_the_receiver_sees_ticket_forms_and_new_answers_but_nothing_older_through_any_door(scene: Scene) -> None:
    give_anamnesis(scene.case)
    cases.send_message(actor=scene.person, case_id=scene.case.public_id, client_id=key(), text="HEMLIGCHATT")
    ticket = scene.usable(forms=("background",))
    from handover.tickets import commands

    commands.answer_form(
        actor=scene.person, ticket_id=ticket.public_id, form="background", answers={"important": "FORMULÄRSVAR"}
    )
    case = use(ticket, scene.person, post={"medicines": "NYTTSVAR"})
    client = staff_client(scene.receiver)
    queue = client.get(reverse("cases:queue")).content.decode()
    assert str(case.public_id) in queue
    assert '<span class="t">Biljett</span>' in queue
    pages = {
        "panel": client.get(reverse("handover:case_ticket", args=[case.public_id])),
        "triage": client.get(reverse("triage:result_panel", args=[case.public_id])),
        "preview": client.get(reverse("cases:preview", args=[case.public_id])),
        "ticket": client.get(reverse("handover:ticket", args=[ticket.public_id])),
    }
    cases.receive_case(actor=scene.receiver, case_id=case.public_id, key=key())
    cases.start_visit(actor=scene.receiver, case_id=case.public_id, key=key())
    for name in ("cases:case", "handover:case_tickets", "journal:note_panel", "handover:case_ticket"):
        pages[name] = client.get(reverse(name, args=[case.public_id]))
    pages["visits"] = client.get(f"{reverse('cases:case', args=[case.public_id])}?flik=besok")
    pages["chat"] = client.get("/live/feed/", {"feed": f"chat:{case.public_id}:patient"})
    for name, answer in pages.items():
        text = answer.content.decode()
        assert answer.status_code == 200, name
        for secret in ("ANAMNESFRAS", "HEMLIGAORD", "HEMLIGCHATT", str(scene.case.public_id)):
            assert secret not in text, (name, secret)
    giver = staff_client(scene.giver).get(reverse("handover:ticket", args=[ticket.public_id])).content.decode()
    assert "HEMLIGANAMNES" in giver
    assert "FORMULÄRSVAR" not in giver
    assert "NYTTSVAR" not in giver
    assert str(case.public_id) not in giver
    assert "HEMLIGANAMNES" in pages["panel"].content.decode()
    assert "FORMULÄRSVAR" in pages["panel"].content.decode()
    assert "NYTTSVAR" in pages["triage"].content.decode()
    assert "NYTTSVAR" in pages["journal:note_panel"].content.decode()
    # Every address of the giver's case is closed to the receiver.
    for name in (
        "cases:case", "cases:preview", "cases:case_head", "triage:result_panel", "journal:note_panel",
        "handover:case_ticket", "handover:case_tickets", "handover:new_ticket", "handover:new_acknowledgement",
    ):  # fmt: skip
        assert client.get(reverse(name, args=[scene.case.public_id])).status_code == 404, name
    for feed in (f"chat:{scene.case.public_id}:patient", f"chat:{scene.case.public_id}:staff"):
        assert client.get("/live/feed/", {"feed": feed}).status_code == 404


@pytest.mark.req("TIK-02", "TIK-07", "ACK-02")
def test_the_patient_reads_the_information_and_never_the_anamnesis(scene: Scene) -> None:
    ticket = scene.usable(forms=("background",))
    client = resident_client(scene.patient)
    page = client.get(reverse("handover:my_ticket", args=[ticket.public_id])).content.decode()
    for words in ("Halsont", scene.unit.name, "Välkommen till oss", "Gör det här först", "Frågor före besöket"):
        assert words in page, words
    assert "HEMLIGANAMNES" not in page
    assert "Använd biljetten" not in page
    for name in ("residents:home", "cases:mine", "handover:my_tickets"):
        assert "HEMLIGANAMNES" not in client.get(reverse(name)).content.decode()
    wrong = client.post(reverse("handover:ticket_form", args=[ticket.public_id, "background"]), {})
    assert wrong.status_code == 422
    right = {"q_illnesses": "Inga", "q_smoking": "no", "q_important": "Snabbt"}
    done = client.post(reverse("handover:ticket_form", args=[ticket.public_id, "background"]), right)
    assert done.status_code == 302
    page = client.get(reverse("handover:my_ticket", args=[ticket.public_id])).content.decode()
    assert "Använd biljetten" in page
    begun = client.post(reverse("handover:use_ticket", args=[ticket.public_id]), {"key": key()})
    resumed = client.get(begun["Location"])
    assert resumed["Location"].endswith("/mer/")
    more = client.get(resumed["Location"]).content.decode()
    assert "Vilka mediciner tar du?" in more
    # No interview: its pages lead back to what is asked.
    interview = Interview.objects.get(ticket=ticket.public_id)
    for name in ("triage:gate", "triage:describe", "triage:result"):
        assert client.get(reverse(name, args=[interview.public_id])).status_code in (200, 302)
    assert client.get(reverse("triage:describe", args=[interview.public_id])).status_code == 302
    assert client.get(reverse("triage:result", args=[interview.public_id])).status_code == 302


@pytest.mark.req("TIK-05")
def test_the_ticket_stands_in_the_entrance_and_as_a_link_in_the_chat(scene: Scene) -> None:
    ticket = scene.send()
    client = resident_client(scene.patient)
    address = reverse("handover:my_ticket", args=[ticket.public_id])
    assert address in client.get(reverse("handover:my_tickets")).content.decode()
    assert address in client.get(f"{reverse('handover:my_tickets')}?plats=hem").content.decode()
    assert reverse("handover:my_tickets") in client.get(reverse("residents:home")).content.decode()
    assert reverse("handover:my_tickets") in client.get(reverse("cases:mine")).content.decode()
    chat = client.get(reverse("cases:mine_case", args=[scene.case.public_id])).content.decode()
    assert f'href="{address}">Öppna biljetten</a>' in chat
    assert "Öppna biljetten: /mina" not in chat


def test_what_a_patient_writes_is_never_a_link(scene: Scene) -> None:
    ticket = scene.send()
    words = f"Öppna biljetten: {reverse('handover:my_ticket', args=[ticket.public_id])}"
    cases.send_message(actor=scene.person, case_id=scene.case.public_id, client_id=key(), text=f"Se {words}")
    chat = resident_client(scene.patient).get(reverse("cases:mine_case", args=[scene.case.public_id])).content.decode()
    assert chat.count('class="to-resident"') == 1


@pytest.mark.req("TIK-17")
@pytest.mark.parametrize("end", ["withdrawn", "expired"])
def test_an_ended_ticket_says_how_to_make_a_new_contact(scene: Scene, end: str) -> None:
    ticket = scene.usable()
    Ticket.objects.filter(pk=ticket.pk).update(state=end, ended_at=now(), withdraw_reason="INTERN ORSAK")
    page = resident_client(scene.patient).get(reverse("handover:my_ticket", args=[ticket.public_id])).content.decode()
    assert {"withdrawn": "återkallad", "expired": "gått ut"}[end] in page
    assert reverse("triage:start") in page
    assert "INTERN ORSAK" not in page
    assert "Använd biljetten" not in page


def test_a_used_ticket_leads_to_its_case(scene: Scene) -> None:
    ticket = scene.usable()
    case = use(ticket, scene.person)
    page = resident_client(scene.patient).get(reverse("handover:my_ticket", args=[ticket.public_id])).content.decode()
    assert reverse("cases:mine_case", args=[case.public_id]) in page


@pytest.mark.req("TIK-07")
def test_unstaffed_for_the_urgency_shows_the_danger_page_first() -> None:
    scene = make_scene()
    scene.unit.staffed_hours.all().delete()
    Unit.objects.filter(pk=scene.unit.pk).update(open_on_red_days=False)
    set_policy(scene.unit, "staffed_hours", {})
    ticket = scene.usable(urgency=1, no_phone_reason="Svarar inte")
    from handover.tickets import commands
    from tests.handover.tickets import answer_all

    interview = commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
    answer_all(scene.person, interview)
    client = resident_client(scene.patient)
    address = reverse("triage:summary", args=[interview])
    told = client.post(address, {"key": key()}).content.decode()
    assert "tel:112" in told
    assert "tel:1177" in told
    assert not Case.objects.filter(from_ticket=True).exists()
    sent = client.post(address, {"key": key(), "unstaffed": "send"})
    assert sent.status_code == 302
    case = Case.objects.get(from_ticket=True)
    assert (case.urgency, case.unstaffed_warned_at is not None) == (1, True)


@pytest.mark.req("TIK-01", "TIK-16")
def test_who_may_open_a_ticket(scene: Scene) -> None:
    guardian, other = make_person(), make_person()
    child = make_child(guardian)
    Guardianship.objects.create(guardian=other, child=child)
    scene.case = make_started_case(scene.giver, patient=child, started_by=guardian)
    ticket = scene.send()
    mine, staff = (reverse(f"handover:{name}", args=[ticket.public_id]) for name in ("my_ticket", "ticket"))
    own, there = Unit.objects.get(pk=scene.giver.unit_id), scene.unit
    may: list[tuple[Client, bool, bool]] = [
        (resident_client(guardian), True, False),
        (resident_client(other), False, False),
        (resident_client(make_person()), False, False),
        (staff_client(scene.giver), False, True),
        (staff_client(make_staff(own)), False, True),
        (staff_client(make_staff(own, "doctor")), False, False),
        (staff_client(scene.receiver), False, True),
        (staff_client(make_staff(there, "doctor")), False, False),
        (staff_client(make_staff()), False, False),
    ]
    for number, (client, as_resident, as_staff) in enumerate(may):
        assert (client.get(mine).status_code == 200) is as_resident, number
        answer = client.get(staff)
        assert (answer.status_code == 200) is as_staff, number
        if not as_staff:
            assert "HEMLIG" not in answer.content.decode()
        assert (str(ticket.public_id) in client.get(reverse("handover:my_tickets")).content.decode()) is as_resident


def test_a_draft_is_nobodys_but_the_writers(scene: Scene) -> None:
    staff_client(scene.giver).post(url(scene), form(scene, do="save"))
    ticket = Ticket.objects.get()
    page = reverse("handover:ticket", args=[ticket.public_id])
    colleague = make_staff(Unit.objects.get(pk=scene.giver.unit_id))
    for client in (staff_client(colleague), staff_client(scene.receiver)):
        assert client.get(page).status_code == 404
    mine = reverse("handover:my_ticket", args=[ticket.public_id])
    assert resident_client(scene.patient).get(mine).status_code == 404


def test_withdrawing_needs_a_reason_on_the_page(scene: Scene) -> None:
    ticket = scene.send()
    client = staff_client(scene.giver)
    address = reverse("handover:withdraw_ticket", args=[ticket.public_id])
    assert client.post(address, {"form_key": key(), "reason": ""}).status_code == 422
    assert client.post(address, {"form_key": key(), "reason": "Fel enhet"}).status_code == 302
    assert "Återkallad" in client.get(reverse("handover:ticket", args=[ticket.public_id])).content.decode()
    assert factories.resident(scene.patient) == resident(scene.patient)


@pytest.mark.req("TIK-17")
def test_the_page_says_that_the_receiver_is_closed_and_until_when(scene: Scene) -> None:
    ticket = scene.usable()
    closure = close_unit(scene.unit, days=2)
    page = resident_client(scene.patient).get(reverse("handover:my_ticket", args=[ticket.public_id])).content.decode()
    assert f"{scene.unit.name} är stängd och tar inte emot nya ärenden nu." in page
    assert f"kl. {timezone.localtime(closure.ends_at):%H.%M}" in page
    assert "Använd biljetten" not in page
    assert "tel:112" in page


def test_a_guardian_reads_and_answers_about_the_child() -> None:
    scene = make_scene()
    guardian = make_person()
    child = make_child(guardian, first_name="Alva")
    scene.case = make_started_case(scene.giver, patient=child, started_by=guardian)
    ticket = scene.usable(forms=("background",))
    client = resident_client(guardian)
    assert "För Alva" in client.get(reverse("handover:my_ticket", args=[ticket.public_id])).content.decode()
    form_page = client.get(reverse("handover:ticket_form", args=[ticket.public_id, "background"])).content.decode()
    assert "Röker Alva?" in form_page
    assert "Alva" in client.get(reverse("handover:my_tickets")).content.decode()


@pytest.mark.req("TIK-10")
def test_each_answer_of_the_givers_note_is_flagged_where_it_stands_and_its_text_stays_with_the_giver(
    scene: Scene,
) -> None:
    ticket = scene.usable(forms=("background",))
    from handover.tickets import commands

    commands.answer_form(
        actor=scene.person, ticket_id=ticket.public_id, form="background",
        answers={"illnesses": "Astma sedan barndomen", "important": "Få hjälp snabbt"},
    )  # fmt: skip
    sign(scene, "HEMLIGNOTERING. Astma sedan barndomen. Tar Alvedon dagligen.")
    case = use(ticket, scene.person, post={"medicines": "Alvedon dagligen", "allergies": "Jordnöt"})
    client = staff_client(scene.receiver)
    new = client.get(reverse("triage:result_panel", args=[case.public_id])).content.decode()
    form = client.get(reverse("handover:case_ticket", args=[case.public_id])).content.decode()
    flag = "Finns i avsändarens anteckning"
    assert new.index("Alvedon dagligen") < new.index(flag) < new.index("Jordnöt")
    assert form.index("Astma sedan barndomen") < form.index(flag) < form.index("Få hjälp snabbt")
    assert (new.count(flag), form.count(flag)) == (1, 1)
    assert "HEMLIG" not in new + form.replace("HEMLIGANAMNES", "")
