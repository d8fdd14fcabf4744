"""Lambert's W on its upper branch by Halley's iteration."""

import math


def halley(x):
    if x < -1 / math.e:
        raise ValueError(f"no real value at {x:.3f}")
    w = math.log(1 + x) if x > -0.2 else -0.5
    for _ in range(40):
        e = math.exp(w)
        f = w * e - x
        change = f / (e * (w + 1) - (w + 2) * f / (2 * w + 2))
        w -= change
        if abs(change) < 1e-14:
            break
    return w


EXAMPLES = [dict(x=1.0), dict(x=20.0), dict(x=-0.3)]
RAISES = [dict(x=-0.5)]
