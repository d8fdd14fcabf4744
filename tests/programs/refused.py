"""Programs that are refused as yet, by how the message begins.

One that begins to work makes its test fail: its name is then taken away.
"""

from __future__ import annotations

_MESSAGES = {
    "a decision depends on a value that is not known yet": """
        equations/arithmetic_geometric_mean
        equations/bisection
        equations/fixed_point
        equations/golden_section
        equations/incomplete_gamma
        equations/kepler
        equations/line_search
        equations/mandelbrot
        equations/secant
        finance/mortgage
        geometry/cubic_spline
        matrices/matrix_exponential
        numbers/bessel_series
        numbers/digamma
        numbers/exponential_series
        numbers/logarithm
        numbers/wrapped_angle
        ode/adaptive_rk
        statistics/isotonic
        tables/insertion_sort
    """,
    "whether a 'while' goes on depends on values": """
        equations/newton_sqrt
        equations/power_iteration
        numbers/elliptic_carlson
        ode/projectile
    """,
    "a list is changed by 'append'": """
        geometry/clip_polygon
    """,
    "a way of a branch that depends on values raises LinAlgError": """
        matrices/inverse_gauss_jordan
    """,
    "a function calls itself in a way of a branch that depends on values": """
        numbers/gamma_lanczos
    """,
    "the function returns something": """
        numbers/interpolate
    """,
}
REFUSED = {name: message for message, names in _MESSAGES.items() for name in names.split()}
