"""The length of a path on the sphere."""

import math


def leg(p, q):
    (lat1, lon1), (lat2, lon2) = p, q
    h = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * 6371.0 * math.asin(math.sqrt(h))


def haversine(points):
    return sum(leg(p, q) for p, q in zip(points, points[1:]))


EXAMPLES = [dict(points=[(0.8, 0.3), (0.9, 0.25), (0.7, 0.1)])]
