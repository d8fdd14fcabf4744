"""Water that is heated: ice, melting, water, boiling."""


def phase_change(energy, mass):
    ice, latent, water = 2.1, 334.0, 4.18
    start = -10.0
    to_melt = mass * ice * (0 - start)
    if energy < to_melt:
        return start + energy / (mass * ice)
    energy -= to_melt
    if energy < mass * latent:
        return 0.0 * energy
    energy -= mass * latent
    temperature = energy / (mass * water)
    return temperature if temperature < 100 else 100.0


EXAMPLES = [
    dict(energy=10.0, mass=1.0),
    dict(energy=100.0, mass=1.0),
    dict(energy=500.0, mass=1.0),
    dict(energy=5000.0, mass=1.0),
]
