"""The pressure of the standard atmosphere, layer by layer."""

import math


def atmosphere(height, ground_pressure):
    layers = [(0.0, 288.15, -0.0065), (11_000.0, 216.65, 0.0), (20_000.0, 216.65, 0.001)]
    g, M, R = 9.80665, 0.0289644, 8.31446
    pressure = ground_pressure
    for i, (base, temperature, lapse) in enumerate(layers):
        top = layers[i + 1][0] if i < len(layers) - 1 else 32_000.0
        h = min(height, top) - base
        if h <= 0:
            break
        if lapse == 0:
            pressure *= math.exp(-g * M * h / (R * temperature))
        else:
            pressure *= (temperature / (temperature + lapse * h)) ** (g * M / (R * lapse))
    return pressure


EXAMPLES = [
    dict(height=5_000.0, ground_pressure=1013.0),
    dict(height=15_000.0, ground_pressure=1013.0),
    dict(height=25_000.0, ground_pressure=990.0),
]
