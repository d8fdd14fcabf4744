"""Inverse quadratic interpolation where it stays inside the bracket, else the middle."""


def brent_step(a, b, c, fa, fb, fc):
    if fa != fc and fb != fc:
        s = (
            a * fb * fc / ((fa - fb) * (fa - fc))
            + b * fa * fc / ((fb - fa) * (fb - fc))
            + c * fa * fb / ((fc - fa) * (fc - fb))
        )
    else:
        s = b - fb * (b - a) / (fb - fa)
    low, high = (3 * a + b) / 4, b
    if low > high:
        low, high = high, low
    if not (low < s < high):
        s = 0.5 * (a + b)
    return s


EXAMPLES = [
    dict(a=0.0, b=1.0, c=2.0, fa=-1.0, fb=0.5, fc=3.0),
    dict(a=2.0, b=1.0, c=2.5, fa=-0.9, fb=0.1, fc=-2.0),
    dict(a=0.0, b=1.0, c=0.5, fa=-1.0, fb=4.0, fc=4.5),
]
