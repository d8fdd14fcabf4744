"""Plain NumPy functions become graphs: they are run once with stand-ins for their arguments."""
