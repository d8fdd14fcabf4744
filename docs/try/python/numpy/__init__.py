"""NumPy of single numbers, for a browser that has no NumPy: what explanations of formulas call.

Numbers have NumPy's results, infinities and NaN where Python's `math` raises. Arrays are refused.
A test compares explanations that are made with this package and with NumPy.
"""

from numpy.emitted import *  # noqa: F403
from numpy.functions import *  # noqa: F403
from numpy.kinds import *  # noqa: F403
from numpy.kinds import ArraysError


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise ArraysError(f"NumPy's {name} is not here")
