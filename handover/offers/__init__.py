"""Offers of a case to a role, a colleague or another unit: *Lämna över besök* (HOV)."""
