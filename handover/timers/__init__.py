"""Timers: rows that fall due, inactivity, targets (INA, design §2)."""
