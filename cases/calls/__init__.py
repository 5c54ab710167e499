"""Video and voice inside a case (requirements §9)."""
