"""The pure triage engine: protocol, answers and facts in, assessment out. No database, no clock, no network."""
