"""Pages of the entrance; no rules here."""
