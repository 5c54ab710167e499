"""Every change of a case: one durable transaction each (design §2)."""

from cases.commands.chat import Sent, mark_seen, send_image, send_message
from cases.commands.claim import put_back_case, receive_case, receive_case_anyway, receive_next_case
from cases.commands.leave import leave_queue
from cases.commands.outcome import Done
from cases.commands.pause import pause_visit, resume_visit
from cases.commands.urgency import change_urgency
from cases.commands.visit import close_and_book, close_visit, end_follow_up, start_visit

__all__ = [
    "Done",
    "Sent",
    "change_urgency",
    "close_and_book",
    "close_visit",
    "end_follow_up",
    "leave_queue",
    "mark_seen",
    "pause_visit",
    "put_back_case",
    "receive_case",
    "receive_case_anyway",
    "receive_next_case",
    "resume_visit",
    "send_image",
    "send_message",
    "start_visit",
]
