"""ABOVE: figures for managers; reads only."""
