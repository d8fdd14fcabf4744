"""SciPy's solvers and integrals of the user's functions, as a trace follows them."""

from symdiff.followed import (  # noqa: F401  fill the table
    elements,
    initial_values,
    quadrature,
    roots,
)
