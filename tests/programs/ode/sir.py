"""An epidemic with a lockdown that begins once too many are ill."""


def sir(beta, gamma, threshold):
    S, I, R = 0.99, 0.01, 0.0
    peak = I
    for day in range(30):
        contact = beta
        if I > threshold:
            contact = 0.4 * beta
        infected = contact * S * I
        recovered = gamma * I
        S = S - infected
        I = I + infected - recovered
        R = R + recovered
        peak = max(peak, I)
    return peak + R


EXAMPLES = [dict(beta=0.6, gamma=0.1, threshold=0.2), dict(beta=0.3, gamma=0.15, threshold=0.9)]
STEP = 1e-5
