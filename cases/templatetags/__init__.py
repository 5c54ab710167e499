"""Template tags of the errand."""
