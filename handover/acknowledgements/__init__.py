"""Acknowledgements (*vidimera*): posts between staff (ACK)."""
