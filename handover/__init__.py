"""Ending shifts; later handovers, tickets, acknowledgements."""
