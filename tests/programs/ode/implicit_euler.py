"""The implicit Euler method, each step solved by Newton's iteration."""


def implicit_euler(y, stiffness, steps=5):
    h = 0.2
    for _ in range(steps):
        z = y
        for _ in range(20):
            residual = z - y + h * stiffness * z**3
            slope = 1 + 3 * h * stiffness * z**2
            change = residual / slope
            z = z - change
            if abs(change) < 1e-12:
                break
        y = z
    return y


EXAMPLES = [dict(y=1.0, stiffness=4.0), dict(y=-0.5, stiffness=20.0)]
