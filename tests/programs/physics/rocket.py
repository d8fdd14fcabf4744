"""The height of a rocket: fuel burns until it is out."""


def rocket(thrust, fuel, drag):
    height = speed = 0.0
    dry = 1.0
    dt = 0.1
    for _ in range(25):
        if fuel > 0:
            force = thrust
            fuel = fuel - 0.05
        else:
            force = 0.0
        mass = dry + max(fuel, 0.0)
        speed += dt * (force / mass - 9.81 - drag * speed * abs(speed) / mass)
        height += dt * speed
        if height < 0:
            height, speed = 0.0, 0.0
    return height


EXAMPLES = [dict(thrust=40.0, fuel=0.52, drag=0.02), dict(thrust=15.0, fuel=0.27, drag=0.1)]
STEP = 1e-5
