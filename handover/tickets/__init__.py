"""Tickets (*biljetter*): a right to enter another queue once (TIK)."""
