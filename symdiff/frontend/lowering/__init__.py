"""NumPy's functions in terms of the core: one lowering a function, for every frontend."""
