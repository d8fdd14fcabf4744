"""How quickly a point leaves the Mandelbrot set, smoothed."""

import math


def mandelbrot(cx, cy, limit=40):
    x = y = 0.0
    n = 0
    while x * x + y * y <= 100.0 and n < limit:
        x, y = x * x - y * y + cx, 2 * x * y + cy
        n += 1
    size = x * x + y * y
    if size <= 100.0:
        return size
    return n + 1 - math.log(math.log(size) / 2) / math.log(2)


EXAMPLES = [dict(cx=0.4, cy=0.5), dict(cx=-0.2, cy=0.3), dict(cx=1.0, cy=1.0)]
STEP = 1e-5
