"""The energy of spins on a ring and its mean field, iterated."""

import math


def ising(coupling, field, temperature):
    m = 0.5
    for _ in range(60):
        new = math.tanh((4 * coupling * m + field) / temperature)
        if abs(new - m) < 1e-11:
            break
        m = new
    return -2 * coupling * m * m - field * m


EXAMPLES = [
    dict(coupling=0.3, field=0.1, temperature=2.0),
    dict(coupling=1.0, field=0.2, temperature=1.5),
]
