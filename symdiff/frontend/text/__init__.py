"""Formulas and programs in the grammar, to a graph."""
