"""Parts that commands of higher apps call inside their own transaction."""

from __future__ import annotations

from django.db import connection

from direkt1177.units.errors import UnitWoundUp


def hold_active(unit_id: int) -> None:
    """Keep a unit from being wound up until this transaction ends: call it before a case, offer or ticket enters it.

    The row is locked FOR SHARE: any number of cases may arrive at once, only changes of the unit itself wait.

    Raises:
        UnitWoundUp: it has been closed for good.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT active FROM units_unit WHERE id = %s FOR SHARE", [unit_id])
        row = cursor.fetchone()
    if row is None or not row[0]:
        raise UnitWoundUp
