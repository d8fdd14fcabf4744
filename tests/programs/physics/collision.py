"""Two carts on a line that collide, or not."""


def collision(x1, v1, m1, x2, v2, m2, e):
    dt = 0.05
    for _ in range(30):
        x1 = x1 + dt * v1
        x2 = x2 + dt * v2
        if x1 >= x2 and v1 > v2:
            momentum = m1 * v1 + m2 * v2
            relative = v1 - v2
            v1 = (momentum - m2 * e * relative) / (m1 + m2)
            v2 = (momentum + m1 * e * relative) / (m1 + m2)
    return x2 - x1


EXAMPLES = [
    dict(x1=0.0, v1=1.0, m1=1.0, x2=0.52, v2=-0.2, m2=2.0, e=0.8),
    dict(x1=0.0, v1=0.3, m1=1.0, x2=0.5, v2=0.5, m2=2.0, e=0.8),
]
STEP = 1e-4
