"""Every change of a case: one durable transaction each (design §2)."""

from cases.commands.chat import Sent, mark_seen, send_image, send_message
from cases.commands.claim import put_back_case, receive_case, receive_case_anyway, receive_next_case
from cases.commands.leave import leave_queue
from cases.commands.outcome import Done
from cases.commands.urgency import change_urgency
from cases.commands.visit import close_visit, end_follow_up, start_visit

__all__ = [
    "Done",
    "Sent",
    "change_urgency",
    "close_visit",
    "end_follow_up",
    "leave_queue",
    "mark_seen",
    "put_back_case",
    "receive_case",
    "receive_case_anyway",
    "receive_next_case",
    "send_image",
    "send_message",
    "start_visit",
]
