"""A progressive tax by brackets."""

BRACKETS = [(0.0, 0.10), (10_000.0, 0.20), (40_000.0, 0.35), (120_000.0, 0.45)]


def tax(income, allowance):
    taxable = income - allowance
    if taxable <= 0:
        return 0.0
    owed = 0.0
    for i, (lower, rate) in enumerate(BRACKETS):
        upper = BRACKETS[i + 1][0] if i + 1 < len(BRACKETS) else float("inf")
        if taxable <= lower:
            break
        owed += rate * (min(taxable, upper) - lower)
    return owed


EXAMPLES = [
    dict(income=8_000.0, allowance=2_000.0),
    dict(income=30_000.0, allowance=2_000.0),
    dict(income=500_000.0, allowance=2_000.0),
    dict(income=1_000.0, allowance=2_000.0),
]
