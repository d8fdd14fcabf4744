"""Carlson's integral RF by duplication."""

from math import sqrt


def elliptic_carlson(x, y, z):
    if min(x, y, z) < 0:
        raise ValueError("negative argument")
    while True:
        mean = (x + y + z) / 3
        dx, dy, dz = 1 - x / mean, 1 - y / mean, 1 - z / mean
        if max(abs(dx), abs(dy), abs(dz)) < 1e-3:
            break
        lam = sqrt(x) * sqrt(y) + sqrt(y) * sqrt(z) + sqrt(z) * sqrt(x)
        x, y, z = (x + lam) / 4, (y + lam) / 4, (z + lam) / 4
    e2 = dx * dy - dz * dz
    e3 = dx * dy * dz
    return (1 + (e2 / 24 - 0.1 - 3 * e3 / 44) * e2 + e3 / 14) / sqrt(mean)


EXAMPLES = [dict(x=1.0, y=2.0, z=0.5), dict(x=0.1, y=0.2, z=9.0)]
RAISES = [dict(x=1.0, y=-2.0, z=0.5)]
STEP = 1e-4
