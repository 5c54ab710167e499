"""Pages and panels of colleagues in a case."""
