"""A random walk seen with noise: Kalman's filter of one number, with gaps in what is seen."""

import math


def kalman_scalar(q, r, observations=(0.5, None, 0.9, 1.4, None, None, 1.1)):
    mean, variance = 0.0, 1.0
    loss = 0.0
    for y in observations:
        variance += q
        if y is None:
            continue
        spread = variance + r
        error = y - mean
        loss += 0.5 * (math.log(2 * math.pi * spread) + error**2 / spread)
        gain = variance / spread
        mean += gain * error
        variance *= 1 - gain
    return loss


EXAMPLES = [dict(q=0.1, r=0.3), dict(q=1.0, r=0.05)]
