"""Shifts, offers, tickets, acknowledgements, timers, notices: what carries a case from one hand to the next."""
