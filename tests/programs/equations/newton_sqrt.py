"""Square root by Newton's method until the step is small."""


def newton_sqrt(a, tolerance=1e-12):
    if a < 0:
        raise ValueError(f"square root of a negative number: {a}")
    if a == 0:
        return 0.0
    x = a if a > 1 else 1.0
    while True:
        new = 0.5 * (x + a / x)
        if abs(new - x) <= tolerance * new:
            return new
        x = new


EXAMPLES = [dict(a=2.0), dict(a=0.3), dict(a=150.0)]
RAISES = [dict(a=-1.0)]
