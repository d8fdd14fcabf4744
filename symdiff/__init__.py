"""Symbolic differentiation and code generation: exact gradients as standalone NumPy files."""
