"""A ball between four cushions."""


def billiard(x, y, vx, vy, steps=25):
    for _ in range(steps):
        x += 0.1 * vx
        y += 0.1 * vy
        if x < 0:
            x, vx = -x, -vx
        elif x > 1:
            x, vx = 2 - x, -vx
        if y < 0:
            y, vy = -y, -vy
        elif y > 1:
            y, vy = 2 - y, -vy
    return x + 2 * y


EXAMPLES = [dict(x=0.3, y=0.4, vx=1.13, vy=0.71), dict(x=0.8, y=0.1, vx=-0.43, vy=-1.27)]
STEP = 1e-4
