"""The length of a project, whose tasks wait for others."""

import numpy as np

BEFORE = {0: [], 1: [0], 2: [0], 3: [1, 2], 4: [2], 5: [3, 4]}


def critical_path(durations):
    finish = {}
    for task, needs in BEFORE.items():
        start = 0.0
        for other in needs:
            if finish[other] > start:
                start = finish[other]
        finish[task] = start + durations[task]
    return max(finish.values())


EXAMPLES = [
    dict(durations=np.array([2.0, 3.0, 1.5, 2.5, 5.5, 1.0])),
    dict(durations=np.array([2.0, 3.0, 1.5, 2.5, 1.5, 1.0])),
]
