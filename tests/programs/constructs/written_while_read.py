"""A cascade: what flows out of a basin raises those behind it, which are read later."""

import numpy as np


def written_while_read(levels, limit):
    basins = levels.copy()
    lost = 0.0
    for place, level in enumerate(basins):
        over = level - limit
        if over > 0:
            basins[place] = limit
            if place + 1 < len(basins):
                basins[place + 1] += 0.8 * over
            lost += 0.2 * over
    return lost + np.sum(basins**2)


EXAMPLES = [dict(levels=np.array([1.5, 0.8, 0.4, 1.1]), limit=1.0)]
