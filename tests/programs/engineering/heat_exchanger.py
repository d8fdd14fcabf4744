"""A heat exchanger by its effectiveness, in either flow."""

import math


def heat_exchanger(ua, c_hot, c_cold, hot, cold, flow="counter"):
    c_min, c_max = min(c_hot, c_cold), max(c_hot, c_cold)
    ratio = c_min / c_max
    ntu = ua / c_min
    if flow == "counter":
        if abs(1 - ratio) < 1e-9:
            effectiveness = ntu / (1 + ntu)
        else:
            e = math.exp(-ntu * (1 - ratio))
            effectiveness = (1 - e) / (1 - ratio * e)
    else:
        effectiveness = (1 - math.exp(-ntu * (1 + ratio))) / (1 + ratio)
    return effectiveness * c_min * (hot - cold)


EXAMPLES = [
    dict(ua=2.0, c_hot=1.5, c_cold=2.5, hot=90.0, cold=20.0),
    dict(ua=2.0, c_hot=3.5, c_cold=2.5, hot=90.0, cold=20.0),
    dict(ua=2.0, c_hot=3.5, c_cold=2.5, hot=90.0, cold=20.0, flow="parallel"),
]
