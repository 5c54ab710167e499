"""ASK: question types, conditions, rendering, answer checking."""
