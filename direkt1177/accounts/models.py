"""Staff, memberships, administrative permissions and shifts (ORG-06..16, SHF-01..04)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from direkt1177.units.models import CareRole, Unit

#: Pages of ``units`` in Manage that regional administrators have too; what may be done there is asked case by case.
_ALSO_THE_REGIONS = ("_policyvalue", "_closure", "_branchdecision", "_unitchange", "view_staffedhours", "view_")


class UserManager(BaseUserManager["User"]):
    """Creates staff by HSA-id; there is no password."""

    def create_user(self, hsa_id: str, **fields: Any) -> User:
        """Create a member of staff without password (AUTH-01)."""
        user = self.model(hsa_id=hsa_id.upper(), **fields)
        user.set_unusable_password()
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A member of staff; never deleted, only stripped of permissions (ORG-16)."""

    class ShiftType(models.TextChoices):
        PRIMARY_ON_CALL = "primary_on_call", _("Primary on call")

    hsa_id = models.CharField(_("HSA-id"), max_length=31, unique=True)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    title = models.CharField(_("title"), max_length=80, blank=True)
    mobile = models.CharField(_("mobile number"), max_length=20, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    shift_type = models.CharField(max_length=20, choices=ShiftType.choices, blank=True)
    load_balancer_enabled = models.BooleanField(default=False)
    authz_epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "hsa_id"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return f"{self.full_name} ({self.hsa_id})"

    @property
    def full_name(self) -> str:
        """First and last name as the patient sees it."""
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        """What Manage greets with."""
        return self.full_name or self.hsa_id

    @property
    def profile_complete(self) -> bool:
        """Whether the patient can be shown name and title (AUTH-11)."""
        return bool(self.first_name and self.last_name and self.title)

    @property
    def is_staff(self) -> bool:
        """Whether Manage is open to the user: any right to administer, anywhere; no care role needed (AUTH-03)."""
        return self.is_active and bool(self.manage_kinds)

    @cached_property
    def manage_kinds(self) -> frozenset[str]:
        """Kinds of administrative permission held at any unit that open Manage."""
        kinds = AdminPermission.Kind
        opening = (kinds.USER_ADMIN, kinds.CONFIGURATION_ADMIN, kinds.REGION_ADMIN)
        held = self.admin_permissions.filter(ended_at__isnull=True, kind__in=opening)
        return frozenset(held.values_list("kind", flat=True))

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Users and permissions are the user administrator's; units, hours and phrases the configuration
        administrator's; settings theirs and the regional administrator's (ORG-13). Nobody deletes.
        """
        app, _dot, action = perm.partition(".")
        kinds = AdminPermission.Kind
        wanted: set[str] = set()
        if app == "accounts":
            wanted = {kinds.USER_ADMIN}
        elif app == "units":
            wanted = {kinds.CONFIGURATION_ADMIN}
            if action.endswith(_ALSO_THE_REGIONS):
                wanted |= {kinds.REGION_ADMIN}
        elif app == "cases" and action.endswith(("_phrase", "view_")):  # nothing else of a care app, ever
            wanted = {kinds.CONFIGURATION_ADMIN}
        return self.is_active and bool(wanted & self.manage_kinds) and not action.startswith("delete_")

    def has_module_perms(self, app_label: str) -> bool:
        """Whether any model of an app is shown in Manage."""
        return self.has_perm(f"{app_label}.view_")


class Membership(models.Model):
    """One care role of one user at one unit (ORG-06); ended rows stay."""

    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="memberships")
    role = models.ForeignKey(
        CareRole, verbose_name=_("care role"), on_delete=models.PROTECT, related_name="memberships"
    )
    granted_by = models.ForeignKey(
        User, verbose_name=_("granted by"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    granted_at = models.DateTimeField(_("granted"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("care role")
        verbose_name_plural = _("care roles")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit"], condition=Q(ended_at__isnull=True), name="membership_one_role_per_unit"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role} {self.unit}"


class AdminPermission(models.Model):
    """An administrative right at a unit; independent of care role (ORG-12, ORG-13)."""

    class Kind(models.TextChoices):
        CONFIGURATION_ADMIN = "configuration_admin", _("Configuration administrator")
        USER_ADMIN = "user_admin", _("User administrator")
        REGION_ADMIN = "region_admin", _("Regional administrator")
        STATISTICS = "statistics", _("Statistics")
        COORDINATOR = "coordinator", _("Coordinating nurse")

    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.PROTECT, related_name="admin_permissions")
    unit = models.ForeignKey(Unit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="admin_permissions")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    granted_by = models.ForeignKey(
        User, verbose_name=_("granted by"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    granted_at = models.DateTimeField(_("granted"), auto_now_add=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("administrative permission")
        verbose_name_plural = _("administrative permissions")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "kind"], condition=Q(ended_at__isnull=True), name="admin_permission_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.kind} {self.unit}"


class Shift(models.Model):
    """A working shift at a unit; ends only by Avsluta skift or change of unit (SHF-01..03)."""

    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.PROTECT, related_name="shifts")
    unit = models.ForeignKey(Unit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="shifts")
    role = models.ForeignKey(CareRole, on_delete=models.PROTECT)
    shift_type = models.CharField(max_length=20, choices=User.ShiftType.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    satisfied = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit"], condition=Q(ended_at__isnull=True), name="shift_one_active_per_unit"
            )
        ]

    def __str__(self) -> str:
        return f"shift {self.pk}"
