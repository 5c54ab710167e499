"""The errand: queue, claim, chat, closing."""
