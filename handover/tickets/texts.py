"""Texts that are stored with a case or post, in Swedish as they are read: data, not words of the interface."""

from __future__ import annotations

#: Line in the patient's chat when a ticket is sent (TIK-05); ``cases.shown`` makes the address a link.
SENT = (
    "Du har fått en biljett till {unit}, {role}. Du kan använda den {when}, till och med {last}, "
    "när besöket här är avslutat. Öppna biljetten: {url}"
)
WITHDRAWN = "Biljetten till {unit}, {role}, gäller inte längre."
#: Posts to acknowledge (TIK-13, TIK-14).
UNUSED = "Biljetten användes inte. Följ inte upp patienten, vidimera bara."
UNUSED_URGENT = "Biljetten har angelägenhet {urgency} och användes inte. Ring patienten."
NEVER_CLOSED = "Biljetten kunde aldrig användas, eftersom besöket inte avslutades i tid. {what}"
NOT_USED_IN_TIME = (
    "Biljetten har angelägenhet {urgency} och är inte använd fast patienten skulle ha bedömts vid det här laget. "
    "Ring patienten."
)
