"""Tracing of plain NumPy functions to graphs: they are run once with tracers as arguments."""
