"""Flow in a ring of pipes by Hardy Cross' method."""

import numpy as np


def pipe_network(resistance, inflow):
    flow = np.array([0.6, 0.6, -0.4]) * inflow
    for _ in range(8):
        loss, slope = 0.0, 0.0
        for i in range(3):
            loss += resistance[i] * flow[i] * abs(flow[i])
            slope += 2 * resistance[i] * abs(flow[i])
        flow = flow - loss / slope
    return flow


EXAMPLES = [dict(resistance=np.array([1.0, 2.0, 0.5]), inflow=1.3)]
