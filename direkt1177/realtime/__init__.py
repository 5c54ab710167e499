"""PUSH: feed heads and changes, doorbells, hub, socket consumers; knows nobody."""
