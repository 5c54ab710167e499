"""Every address of the site, and who it is for. An address that is missing here fails the tests."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, SlugConverter, StringConverter, UUIDConverter

PUBLIC = "public"  # anybody
RESIDENT = "resident"  # a signed-in resident
STAFF = "staff"  # staff with chosen unit and running shift
SESSION = "session"  # signed-in staff, unit not needed
STATISTICS = "statistics"  # holders of the statistics permission
EITHER = "either"  # staff or resident: the view's own door decides (images, chat twins)
MANAGE = "manage"  # Django's admin, see tests/accounts/test_manage.py
DEMO = "demo"  # demo settings only

AUDIENCE = {
    ":set_language": PUBLIC,
    "accounts:staff_sign_in": PUBLIC,
    "accounts:staff_sign_out": PUBLIC,
    "accounts:resident_sign_in": PUBLIC,
    "accounts:resident_sign_out": PUBLIC,
    "accounts:choose_unit": SESSION,
    "accounts:end_running_shift": SESSION,
    "accounts:settings": STAFF,
    "accounts:on_duty": STAFF,
    "residents:home": RESIDENT,
    "residents:profile": RESIDENT,
    "residents:support": PUBLIC,
    "realtime:feed": EITHER,
    "realtime:action": EITHER,
    "cases:start": STAFF,
    "cases:queue": STAFF,
    "cases:receive_next": STAFF,
    "cases:own_cases": STAFF,
    "cases:phrases": STAFF,
    "cases:preview": STAFF,
    "cases:case": STAFF,
    "cases:case_head": STAFF,
    "cases:receive": STAFF,
    "cases:put_back": STAFF,
    "cases:start_visit": STAFF,
    "cases:close_visit": STAFF,
    "cases:pause": STAFF,
    "cases:resume": STAFF,
    "cases:book": STAFF,
    "cases:change_urgency": STAFF,
    "cases:protect": STAFF,
    "cases:copied": STAFF,
    "cases:send": EITHER,
    "cases:send_image": EITHER,
    "cases:image": EITHER,
    "cases:thumbnail": EITHER,
    "cases:mine": RESIDENT,
    "cases:mine_list": RESIDENT,
    "cases:resident_teaser": RESIDENT,
    "cases:mine_case": RESIDENT,
    "cases:status": RESIDENT,
    "cases:chat_state": RESIDENT,
    "cases:leave": RESIDENT,
    "colleagues:mine": STAFF,
    "colleagues:pane": STAFF,
    "colleagues:log": STAFF,
    "colleagues:icons": STAFF,
    "colleagues:send": STAFF,
    "colleagues:seen": STAFF,
    "colleagues:invite": STAFF,
    "colleagues:guests": STAFF,
    "colleagues:mode": STAFF,
    "colleagues:end": STAFF,
    "asynchronous:follow_ups": STAFF,
    "asynchronous:count": STAFF,
    "asynchronous:mark": STAFF,
    "asynchronous:undo": STAFF,
    "asynchronous:extend": STAFF,
    "asynchronous:from_case": STAFF,
    "asynchronous:search": STAFF,
    "asynchronous:from_call": STAFF,
    "asynchronous:begin": STAFF,
    "asynchronous:rate": RESIDENT,
    "handover:attempts": STAFF,
    "calls:hardware": STAFF,
    "calls:panel": STAFF,
    "calls:request": STAFF,
    "calls:call": STAFF,
    "calls:card": RESIDENT,
    "calls:mine": RESIDENT,
    "calls:answer": RESIDENT,
    "calls:join": EITHER,
    "calls:leave": EITHER,
    "calls:end": EITHER,
    "finding:search": STAFF,
    "finding:result": STAFF,
    "finding:day": STAFF,
    "finding:day_checked": STAFF,
    "finding:openings": STAFF,
    "finding:oversight": STAFF,
    "finding:opening_reviewed": STAFF,
    "finding:other_visits": STAFF,
    "finding:open_found": STAFF,
    "finding:emergency": STAFF,
    "finding:ask_handover": STAFF,
    "triage:result_panel": STAFF,
    "journal:note_panel": STAFF,
    "journal:save": STAFF,
    "journal:sign": STAFF,
    "journal:copied": STAFF,
    "journal:to_sign": STAFF,
    "handover:end_shift": STAFF,
    "handover:tell_closing": STAFF,
    "handover:go_on": STAFF,
    "handover:still_here": STAFF,
    "handover:own_day": STAFF,
    "handover:own_lists": STAFF,
    "handover:closing_panel": STAFF,
    "handover:coordinator": STAFF,
    "handover:unit_held": STAFF,
    "handover:release": STAFF,
    "handover:release_all": STAFF,
    "handover:manager_held": STATISTICS,
    "handover:manager_release": STATISTICS,
    "handover:manager_release_all": STATISTICS,
    "handover:clock_panel": STAFF,
    "handover:warn_patient": STAFF,
    "handover:remind_patient": STAFF,
    "handover:phone_attempt": STAFF,
    "handover:close_without_reply": STAFF,
    "handover:manager_notices": STATISTICS,
    "handover:manager_read": STATISTICS,
    "handover:notices": STAFF,
    "handover:notices_counter": STAFF,
    "handover:notices_read": STAFF,
    "handover:notice": STAFF,
    "handover:notice_choices": STAFF,
    "handover:new_ticket": STAFF,
    "handover:case_tickets": STAFF,
    "handover:case_ticket": STAFF,
    "handover:ticket": STAFF,
    "handover:withdraw_ticket": STAFF,
    "handover:my_tickets": RESIDENT,
    "handover:my_ticket": RESIDENT,
    "handover:ticket_form": RESIDENT,
    "handover:use_ticket": RESIDENT,
    "handover:new_acknowledgement": STAFF,
    "handover:acknowledgements": STAFF,
    "handover:unit_acknowledgements": STAFF,
    "handover:acknowledgement_count": STAFF,
    "handover:acknowledge_unused": STAFF,
    "handover:acknowledgement": STAFF,
    "handover:acknowledge": STAFF,
    "handover:offer": STAFF,
    "handover:offer_panel": STAFF,
    "handover:offers_to_me": STAFF,
    "handover:my_offers": STAFF,
    "handover:unit_offers": STAFF,
    "handover:offer_page": STAFF,
    "handover:accept_offer": STAFF,
    "handover:decline_offer": STAFF,
    "handover:withdraw_offer": STAFF,
    "handover:readdress_offer": STAFF,
    "handover:offer_many": STAFF,
    "statistics:overview": STATISTICS,
    "outbox:sms_inbox": DEMO,
}
# All other pages of the interview belong to the resident whose interview it is.
DEFAULTS = {"triage": RESIDENT, "admin": MANAGE}


@dataclass(frozen=True, slots=True)
class Address:
    """A named address with values put into its placeholders."""

    name: str
    path: str


def addresses() -> list[Address]:
    """All addresses of the resolver except Manage's own, with random ids in the placeholders."""
    return sorted(_walk(get_resolver(), "", ""), key=lambda address: address.name)


def audience_of(name: str) -> str | None:
    """Who an address is for; None when nobody has said."""
    return AUDIENCE.get(name) or DEFAULTS.get(name.partition(":")[0])


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        path = prefix + _filled(entry)
        if isinstance(entry, URLResolver):
            name = entry.namespace or namespace
            if name != "admin":
                yield from _walk(entry, path, name)
        else:
            yield Address(f"{namespace}:{entry.name}", f"/{path}")


def _filled(entry: URLPattern | URLResolver) -> str:
    pattern = str(entry.pattern)
    for name, converter in getattr(entry.pattern, "converters", {}).items():
        kind = type(converter)
        word = {UUIDConverter: "uuid", IntConverter: "int", SlugConverter: "slug", StringConverter: "str"}.get(kind, "")
        value = {"uuid": str(uuid.uuid4()), "int": "987654"}.get(word, "finns-inte")
        pattern = pattern.replace(f"<{word}:{name}>", value).replace(f"<{name}>", value)
    assert "<" not in pattern, f"placeholder of a kind this walk does not know: {pattern}"
    return pattern
