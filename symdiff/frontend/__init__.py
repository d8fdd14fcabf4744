"""Frontends: from text or SymPy to a graph."""
