"""Every change of a ticket: one durable transaction each (design §2)."""

from handover.tickets.commands.saving import save_draft, send_ticket
from handover.tickets.commands.using import answer_form, begin_ticket
from handover.tickets.commands.withdrawing import withdraw_ticket

__all__ = ["answer_form", "begin_ticket", "save_draft", "send_ticket", "withdraw_ticket"]
