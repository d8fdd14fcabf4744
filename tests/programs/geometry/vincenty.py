"""The distance of two places on the ellipsoid by Vincenty's formula."""

from math import atan, atan2, cos, radians, sin, sqrt, tan


def vincenty(lat1, lon1, lat2, lon2):
    a, f = 6378137.0, 1 / 298.257223563
    b = (1 - f) * a
    U1, U2 = atan((1 - f) * tan(radians(lat1))), atan((1 - f) * tan(radians(lat2)))
    L = radians(lon2 - lon1)
    lam = L
    for iteration in range(100):
        sin_sigma = sqrt(
            (cos(U2) * sin(lam)) ** 2 + (cos(U1) * sin(U2) - sin(U1) * cos(U2) * cos(lam)) ** 2
        )
        if sin_sigma == 0:
            return 0.0
        cos_sigma = sin(U1) * sin(U2) + cos(U1) * cos(U2) * cos(lam)
        sigma = atan2(sin_sigma, cos_sigma)
        sin_alpha = cos(U1) * cos(U2) * sin(lam) / sin_sigma
        cos2_alpha = 1 - sin_alpha**2
        cos_2m = cos_sigma - 2 * sin(U1) * sin(U2) / cos2_alpha if cos2_alpha else 0.0
        C = f / 16 * cos2_alpha * (4 + f * (4 - 3 * cos2_alpha))
        before = lam
        lam = L + (1 - C) * f * sin_alpha * (
            sigma + C * sin_sigma * (cos_2m + C * cos_sigma * (2 * cos_2m**2 - 1))
        )
        if abs(lam - before) < 1e-12:
            break
    else:
        raise ValueError("the formula does not converge")
    u2 = cos2_alpha * (a**2 - b**2) / b**2
    A = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)))
    B = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)))
    change = B * sin_sigma * (cos_2m + B / 4 * cos_sigma * (2 * cos_2m**2 - 1))
    return b * A * (sigma - change) / 1000


EXAMPLES = [dict(lat1=48.2, lon1=16.4, lat2=52.5, lon2=13.4)]
