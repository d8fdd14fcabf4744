"""The logarithm by reduction to near one."""


def logarithm(x):
    if x <= 0:
        raise ValueError("math domain error")
    k = 0
    while x > 1.5:
        x = x / 2
        k += 1
    while x < 0.75:
        x = x * 2
        k -= 1
    z = (x - 1) / (x + 1)
    total, power = 0.0, z
    for n in range(1, 40, 2):
        total += power / n
        power *= z * z
    return 2 * total + k * 0.6931471805599453


EXAMPLES = [dict(x=1.1), dict(x=9.0), dict(x=0.1)]
RAISES = [dict(x=-1.0)]
