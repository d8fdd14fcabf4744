"""SciPy's solvers and integrals of the user's functions, and derivatives in formulas."""

from symdiff.followed import (  # noqa: F401  fill the table
    derivatives,
    elements,
    initial_values,
    quadrature,
    roots,
)
