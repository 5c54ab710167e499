"""Staff of the demo: care roles, administrative permissions, shifts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cases.models import Phrase
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import AdminPermission, Membership, Shift, User
from direkt1177.demo.files import RegionData, read
from direkt1177.demo.places import HSA_PREFIX, Places
from direkt1177.units.clock import now


class Team:
    """The staff by the keys of the data file, and actors to work as."""

    def __init__(self, places: Places, data: RegionData) -> None:
        self.places = places
        self.entries = data.staff
        self.users: dict[str, User] = {}
        self.actors: dict[tuple[str, str], StaffActor] = {}
        self.shifts: dict[str, Shift] = {}

    def actor(self, key: str, unit: str) -> StaffActor:
        """A member of staff at a unit, on the shift that is open there (if any)."""
        actor = self.actors[key, unit]
        shift = self.shifts.get(key)
        return replace(actor, shift_id=shift.pk if shift is not None else None)


def build_staff(places: Places, data: RegionData) -> Team:
    """Create users with memberships, permissions and personal phrases."""
    team = Team(places, data)
    for entry in data.staff:
        user = User.objects.create_user(
            f"{HSA_PREFIX}-{entry['hsa']}",
            first_name=entry["first"],
            last_name=entry["last"],
            title=entry["title"],
            shift_type=User.ShiftType.PRIMARY_ON_CALL if "shift" in entry else "",
        )
        team.users[entry["key"]] = user
        for slug, code in entry.get("roles", {}).items():
            unit, role = places.units[slug], places.roles[code]
            Membership.objects.create(user=user, unit=unit, role=role)
            team.actors[entry["key"], slug] = StaffActor(
                user_id=user.pk,
                name=user.full_name,
                title=user.title,
                unit_id=unit.pk,
                unit_name=unit.name,
                region_id=places.region.pk,
                region_name=places.region.name,
                role_id=role.pk,
                role_code=role.code,
                role_name=role.name,
                provider_id=unit.provider_id,
                shift_id=None,
            )
        for kind, slugs in entry.get("permissions", {}).items():
            AdminPermission.objects.bulk_create(
                AdminPermission(user=user, unit=places.units[slug], kind=kind) for slug in slugs
            )
        if entry.get("own_phrases"):
            Phrase.objects.bulk_create(
                Phrase(level=Phrase.Level.PERSONAL, user=user, **phrase) for phrase in read("phrases")["personal"]
            )
    return team


def open_shifts(team: Team) -> None:
    """Those on duty now came a few hours ago; everyone else's shift is over (SHF-02)."""
    for entry in team.entries:
        if "shift" not in entry:
            continue
        key, slug = entry["key"], entry["shift"]
        actor = team.actors[key, slug]
        team.shifts[key] = Shift.objects.create(
            user=team.users[key],
            unit_id=actor.unit_id,
            role_id=actor.role_id,
            shift_type=User.ShiftType.PRIMARY_ON_CALL,
            started_at=now() - timedelta(hours=4),
        )
