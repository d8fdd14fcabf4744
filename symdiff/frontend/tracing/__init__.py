"""Plain NumPy functions become graphs: they are run once with tracers for their arguments."""
