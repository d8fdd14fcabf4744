"""What needs both a frontend and derivation: routines that call the user's functions, formulas."""

from symdiff.routines import (  # noqa: F401  fill the table
    derivatives,
    elements,
    initial_values,
    items,
    minima,
    quadrature,
    roots,
    squares,
)
