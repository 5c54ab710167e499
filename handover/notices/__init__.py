"""Notices to staff: the centre, SMS choices (NOT)."""
