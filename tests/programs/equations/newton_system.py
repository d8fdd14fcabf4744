"""Two equations by Newton's method, with the 2 by 2 system solved by Cramer's rule."""


def newton_system(a, b):
    x, y = 1.0, 1.0
    for iteration in range(20):
        f = x**2 + y**2 - a
        g = x * y - b
        determinant = 2 * x * x - 2 * y * y
        if abs(determinant) < 1e-8:
            x += 0.5
            continue
        dx = (f * x - 2 * y * g) / determinant
        dy = (2 * x * g - y * f) / determinant
        x -= dx
        y -= dy
        if abs(dx) + abs(dy) < 1e-13:
            break
    return x + 2 * y


EXAMPLES = [dict(a=5.0, b=2.0), dict(a=4.0, b=0.5)]
