"""Emission: from a graph to text."""
