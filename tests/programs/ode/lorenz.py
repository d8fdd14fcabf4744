"""Lorenz's equations, a few steps, with tuples."""


def lorenz(sigma, rho, beta):
    x, y, z = 1.0, 1.0, 1.0
    for _ in range(40):
        x, y, z = (
            x + 0.01 * sigma * (y - x),
            y + 0.01 * (x * (rho - z) - y),
            z + 0.01 * (x * y - beta * z),
        )
    return x * y + z


EXAMPLES = [dict(sigma=10.0, rho=28.0, beta=8 / 3)]
