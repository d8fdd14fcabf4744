"""Logistic growth by Euler's method."""


def euler(population, growth, capacity):
    dt = 0.1
    for _ in range(20):
        population += dt * growth * population * (1 - population / capacity)
    return population


EXAMPLES = [dict(population=0.1, growth=1.5, capacity=2.0)]
