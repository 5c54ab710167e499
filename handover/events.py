"""What happened in handover: still nothing of its own; that a shift ended is told by ``accounts.steps.end_shift``."""
