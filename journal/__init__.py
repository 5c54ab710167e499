"""Note, sign, export."""
