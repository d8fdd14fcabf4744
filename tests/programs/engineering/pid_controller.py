"""A controller with limits on what it may give, and no winding up behind them."""


def pid_controller(kp, ki, kd):
    value, integral, before = 0.0, 0.0, 1.0
    cost = 0.0
    dt = 0.1
    for k in range(25):
        error = 1.0 - value
        u = kp * error + ki * integral + kd * (error - before) / dt
        if u > 2.0:
            u = 2.0
        elif u < -2.0:
            u = -2.0
        else:
            integral += error * dt
        before = error
        value += dt * (u - value)
        cost += error**2 * dt
    return cost


EXAMPLES = [dict(kp=1.5, ki=0.5, kd=0.05), dict(kp=3.0, ki=0.2, kd=0.1)]
STEP = 1e-5
