"""The volume of a gas by Newton's method."""


def van_der_waals(pressure, temperature, a, b):
    R = 0.0821
    V = R * temperature / pressure
    for _ in range(50):
        f = (pressure + a / V**2) * (V - b) - R * temperature
        df = pressure + a / V**2 - 2 * a * (V - b) / V**3
        new = V - f / df
        if abs(new - V) < 1e-13 * V:
            V = new
            break
        V = new
    return V


EXAMPLES = [
    dict(pressure=1.0, temperature=300.0, a=3.6, b=0.043),
    dict(pressure=5.0, temperature=350.0, a=1.4, b=0.039),
]
