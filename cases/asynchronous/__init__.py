"""Asynchronous cases: follow-ups, those that care begins, and what the patient thought of it (requirements §10)."""
