"""The price of electricity in three tiers."""


def tariff(use, low, middle, high):
    if use < 0:
        raise ValueError(f"use cannot be negative: {use:.1f}")
    if use <= 100:
        cost = low * use
    elif use <= 300:
        cost = low * 100 + middle * (use - 100)
    else:
        cost = low * 100 + middle * 200 + high * (use - 300)
    return 5.0 + cost


EXAMPLES = [
    dict(use=50.0, low=0.1, middle=0.2, high=0.3),
    dict(use=200.0, low=0.1, middle=0.2, high=0.3),
    dict(use=900.0, low=0.1, middle=0.2, high=0.3),
]
RAISES = [dict(use=-5.0, low=0.1, middle=0.2, high=0.3)]
