"""SymPy expressions to a graph, and graphs back to SymPy expressions."""
