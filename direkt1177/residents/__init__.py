"""WHOSE: persons, guardians, protection."""
