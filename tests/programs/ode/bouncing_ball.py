"""A ball that bounces until its height has been looked at forty times."""


def bouncing_ball(height, speed, restitution):
    g, dt = 9.81, 0.02
    y, v = height, speed
    bounces = 0
    for _ in range(40):
        v -= g * dt
        y += v * dt
        if y < 0 and v < 0:
            y = -restitution * y
            v = -restitution * v
            bounces += 1
    return y + 0.5 * bounces


EXAMPLES = [
    dict(height=1.0, speed=0.0, restitution=0.8),
    dict(height=0.3, speed=1.0, restitution=0.5),
]
STEP = 1e-5
