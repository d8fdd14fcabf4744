"""Values between the points of a table, whose places are found by halving, in four spellings."""

POINTS = [0.0, 1.0, 2.5, 4.0, 7.0, 9.0, 11.0]
VALUES = [0.0, 2.0, 3.0, 3.5, 9.0, 1.0, 4.0]


def place_right(x):
    low, high = 0, len(POINTS)
    while low < high:
        middle = (low + high) // 2
        if x < POINTS[middle]:
            high = middle
        else:
            low = middle + 1
    return low


def place_shifted(x):
    low, high = 0, len(POINTS)
    while low < high:
        middle = low + ((high - low) >> 1)
        if x >= POINTS[middle]:
            low = middle + 1
        else:
            high = middle
    return low


def place_from_above(x):
    low, high = -1, len(POINTS)
    while low + 1 < high:
        middle = high - (high - low) // 2
        if POINTS[middle] <= x:
            low = middle
        else:
            high = middle
    return high


def place_closed(x):
    low, high = 0, len(POINTS) - 1
    while low <= high:
        middle = (high - low) // 2 + low
        if POINTS[middle] > x:
            high = middle - 1
        else:
            low = middle + 1
    return low


def between(x, place):
    i = min(max(place, 1), len(POINTS) - 1)
    part = (x - POINTS[i - 1]) / (POINTS[i] - POINTS[i - 1])
    return VALUES[i - 1] + part * (VALUES[i] - VALUES[i - 1])


def binary_search(x, scale):
    total = between(x, place_right(x)) + between(scale * x, place_shifted(scale * x))
    total += between(x + scale, place_from_above(x + scale)) ** 2
    return total * between(x - scale, place_closed(x - scale))


EXAMPLES = [
    dict(x=0.4, scale=0.7),
    dict(x=5.1, scale=1.3),
    dict(x=3.2, scale=2.6),
    dict(x=9.7, scale=0.4),
    dict(x=14.2, scale=0.5),
]
STEP = 1e-5
