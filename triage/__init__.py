"""Protocols as data, interview, urgency, the resident's entrance."""
