"""The method of Adams and Bashforth with three steps, started by Euler's."""


def adams_bashforth(y, a):
    h = 0.05
    past = []
    for n in range(12):
        slope = -a * y * y
        past.insert(0, slope)
        if len(past) < 3:
            y = y + h * slope
        else:
            y = y + h / 12 * (23 * past[0] - 16 * past[1] + 5 * past[2])
            past.pop()
    return y


EXAMPLES = [dict(y=1.0, a=2.0)]
