"""Explanation: graphs read back as SymPy and LaTeX."""
