"""WHERE: regions, care providers, units, staffed time, policies."""
