"""WHO: staff, roles, memberships, shifts, sign-in, actors."""
