"""An integral by halves where it is needed, which calls itself."""


def adaptive_simpson(a, b, k, depth=0):
    def f(x):
        return 1 / (1 + k * x * x)

    m = (a + b) / 2
    h = b - a
    whole = h / 6 * (f(a) + 4 * f(m) + f(b))
    left = h / 12 * (f(a) + 4 * f((a + m) / 2) + f(m))
    right = h / 12 * (f(m) + 4 * f((m + b) / 2) + f(b))
    if depth > 3 or abs(left + right - whole) < 1e-4:
        return left + right
    return adaptive_simpson(a, m, k, depth + 1) + adaptive_simpson(m, b, k, depth + 1)


EXAMPLES = [dict(a=0.0, b=1.0, k=2.0), dict(a=0.0, b=2.0, k=30.0)]
STEP = 1e-5
