"""The deflection of a beam with a load, on either side of the load."""


def beam(x, load, place, length, stiffness):
    if not 0 <= x <= length:
        raise ValueError(f"no such place on the beam: {x}")
    b = length - place
    if x < place:
        return load * b * x * (length**2 - b**2 - x**2) / (6 * length * stiffness)
    first = load * b / (6 * length * stiffness)
    return first * (length / b * (x - place) ** 3 + (length**2 - b**2) * x - x**3)


EXAMPLES = [
    dict(x=0.5, load=2.0, place=1.2, length=3.0, stiffness=10.0),
    dict(x=2.5, load=2.0, place=1.2, length=3.0, stiffness=10.0),
]
RAISES = [dict(x=3.5, load=2.0, place=1.2, length=3.0, stiffness=10.0)]
