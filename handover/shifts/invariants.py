"""No open case without somebody who sees it as theirs (design §4): the check of the tick and of the tests."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

_SQL = """
SELECT c.id, c.public_id, c.unit_id, c.patient_id,
       CASE WHEN c.state = 'waiting' THEN 'empty_role'
            WHEN c.state IN ('received', 'started') THEN 'no_shift'
            WHEN c.state = 'paused' AND c.resume_at IS NULL THEN 'no_date'
            ELSE 'no_membership' END
  FROM cases_case c
 WHERE (c.state = 'waiting'
        AND NOT EXISTS (SELECT 1 FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id AND u.is_active
                         WHERE m.unit_id = c.unit_id AND m.role_id = c.role_id AND m.ended_at IS NULL))
    OR (c.state IN ('received', 'started')
        AND NOT EXISTS (SELECT 1 FROM accounts_shift s JOIN accounts_user u ON u.id = s.user_id AND u.is_active
                         WHERE s.unit_id = c.unit_id AND s.user_id = c.holder_id AND s.ended_at IS NULL))
    OR (c.state IN ('paused', 'asynchronous')
        AND ((c.state = 'paused' AND c.resume_at IS NULL)
             OR NOT EXISTS (SELECT 1 FROM accounts_membership m
                              JOIN accounts_user u ON u.id = m.user_id AND u.is_active
                             WHERE m.unit_id = c.unit_id AND m.user_id = c.holder_id AND m.ended_at IS NULL)))
 ORDER BY c.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Orphan:
    """An open case without a visible responsible, and why.

    Attributes:
        why: ``empty_role`` (nobody holds the role of its queue), ``no_shift`` (its holder has none), ``no_date``
            (paused without one), ``no_membership`` (its holder no longer belongs to the unit).
    """

    case_pk: int
    public_id: str
    unit_id: int
    patient_id: int
    why: str


def orphans(limit: int = 500) -> list[Orphan]:
    """Every open case that has neither a holder with an active shift or a date, nor a role that somebody holds.

    Args:
        limit: at most so many.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [limit])
        return [Orphan(pk, str(ident), unit, patient, why) for pk, ident, unit, patient, why in cursor.fetchall()]
