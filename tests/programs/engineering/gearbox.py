"""The pull of a car, its gear chosen by its speed."""


def gearbox(speed, torque, radius):
    if speed < 5:
        ratio = 3.5
    elif speed < 12:
        ratio = 2.1
    elif speed < 22:
        ratio = 1.4
    else:
        ratio = 1.0
    force = torque * ratio * (1 - (speed * ratio / 80) ** 2) / radius
    return max(force - 0.5 * speed**2, 0)


EXAMPLES = [
    dict(speed=3.0, torque=150.0, radius=0.3),
    dict(speed=9.0, torque=150.0, radius=0.3),
    dict(speed=20.0, torque=150.0, radius=0.3),
    dict(speed=40.0, torque=150.0, radius=0.3),
]
