"""A shot with drag, followed until it is on the ground again."""

import math


def projectile(speed, angle, drag):
    x, y = 0.0, 0.0
    vx, vy = speed * math.cos(angle), speed * math.sin(angle)
    dt = 0.02
    while True:
        v = math.sqrt(vx * vx + vy * vy)
        ax, ay = -drag * v * vx, -9.81 - drag * v * vy
        x_new, y_new = x + dt * vx, y + dt * vy
        vx, vy = vx + dt * ax, vy + dt * ay
        if y_new < 0:
            share = y / (y - y_new)
            return x + share * (x_new - x)
        x, y = x_new, y_new


EXAMPLES = [dict(speed=5.0, angle=0.7, drag=0.05), dict(speed=7.0, angle=1.1, drag=0.0)]
STEP = 1e-4
