"""The friction factor of a pipe: laminar, turbulent by Colebrook's equation, or between."""

import math


def turbulent(reynolds, roughness):
    inverse_root = 6.0
    for _ in range(30):
        new = -2.0 * math.log10(roughness / 3.7 + 2.51 * inverse_root / reynolds)
        if abs(new - inverse_root) < 1e-12:
            break
        inverse_root = new
    return 1 / inverse_root**2


def colebrook(reynolds, roughness):
    if reynolds < 2000:
        return 64 / reynolds
    elif reynolds > 4000:
        return turbulent(reynolds, roughness)
    weight = (reynolds - 2000) / 2000
    return (1 - weight) * 64 / 2000 + weight * turbulent(4000.0, roughness)


EXAMPLES = [
    dict(reynolds=900.0, roughness=1e-3),
    dict(reynolds=3000.0, roughness=1e-3),
    dict(reynolds=1e5, roughness=1e-3),
    dict(reynolds=8e4, roughness=2e-2),
]
