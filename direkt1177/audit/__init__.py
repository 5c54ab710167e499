"""PROOF: append-only change log and read log."""
