"""A root of a cubic by Newton's method with a bounded number of steps."""


def newton_cubic(p, q, x0=1.0):
    x = x0
    for _ in range(50):
        f = x**3 + p * x + q
        slope = 3 * x**2 + p
        step = f / slope
        x -= step
        if abs(step) < 1e-13:
            break
    else:
        raise RuntimeError("Newton's method did not converge")
    return x


EXAMPLES = [dict(p=1.0, q=-3.0), dict(p=2.5, q=1.0), dict(p=0.5, q=-10.0)]
