"""The voltage over a diode by Newton's method with a bounded step."""

import math


def diode_circuit(source, resistance, saturation):
    v = 0.6
    for _ in range(60):
        current = saturation * (math.exp(v / 0.026) - 1)
        f = source - resistance * current - v
        slope = -resistance * saturation / 0.026 * math.exp(v / 0.026) - 1
        step = -f / slope
        if step > 0.1:
            step = 0.1
        elif step < -0.1:
            step = -0.1
        v += step
        if abs(step) < 1e-13:
            break
    return v


EXAMPLES = [
    dict(source=5.0, resistance=1000.0, saturation=1e-12),
    dict(source=1.0, resistance=50.0, saturation=1e-9),
]
