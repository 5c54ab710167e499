"""Telling guests of a case (NOT-01 g), and ending their part when a case is let go by what this app does."""
