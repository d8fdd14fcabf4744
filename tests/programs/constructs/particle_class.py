"""A particle as an object with methods, a property and an operator."""

import math


class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor)

    @property
    def norm(self):
        return math.hypot(self.x, self.y)


class Particle:
    def __init__(self, place, velocity):
        self.place, self.velocity = place, velocity

    def advance(self, dt, drag):
        speed = self.velocity.norm
        if speed > 1.0:
            self.velocity = self.velocity * (1 - drag * speed * dt)
        self.place = self.place + self.velocity * dt


def particle_class(vx, vy, drag):
    particle = Particle(Vector(0.0, 0.0), Vector(vx, vy))
    for _ in range(6):
        particle.advance(0.1, drag)
    return particle.place.norm


EXAMPLES = [dict(vx=1.5, vy=0.5, drag=0.8), dict(vx=0.3, vy=0.5, drag=0.8)]
STEP = 1e-4
