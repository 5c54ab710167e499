"""Colleagues in a case: guests, and what staff write to each other (CHT-13..19)."""
