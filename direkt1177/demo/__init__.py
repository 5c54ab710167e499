"""Demo data: invented people, units and errands, built through the real commands. Composition: may import every app."""
