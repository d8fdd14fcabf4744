"""Explanation: the chain rule step by step, and graphs read back as SymPy."""
