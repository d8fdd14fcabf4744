"""Derivation: from a graph to the graph of its derivative."""
