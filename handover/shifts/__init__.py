"""Shifts: ending one, releasing what is left, closing time, and that nothing is without a responsible (SHF)."""
