"""Formulas in LaTeX, as formulas of the grammar."""
