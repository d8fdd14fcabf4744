"""A car that changes gears by its speed."""

GEARS = (3.5, 2.1, 1.4, 1.0)


def vehicle(power, mass, drag):
    speed, distance = 1.0, 0.0
    gear = 0
    dt = 0.5
    for _ in range(20):
        rpm = speed * GEARS[gear] * 100
        if rpm > 3000 and gear < 3:
            gear += 1
        elif rpm < 1000 and gear > 0:
            gear -= 1
        force = power * GEARS[gear] * (1 - (rpm / 6000) ** 2)
        speed += dt * (force - drag * speed**2) / mass
        distance += dt * speed
    return distance


EXAMPLES = [dict(power=2000.0, mass=1000.0, drag=1.0), dict(power=900.0, mass=1200.0, drag=2.0)]
STEP = 1e-4
