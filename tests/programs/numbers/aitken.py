"""A slow sum made quick by Aitken's method."""


def aitken(x):
    sums = [0.0]
    for n in range(1, 12):
        sums.append(sums[-1] + (-x) ** n / n)
    while len(sums) > 2:
        sums = [
            c - (c - b) ** 2 / (c - 2 * b + a) if abs(c - 2 * b + a) > 1e-14 else c
            for a, b, c in zip(sums, sums[1:], sums[2:])
        ]
    return sums[-1]


EXAMPLES = [dict(x=0.9)]
