"""NumPy in Python alone, for a browser that has none: what explanations of small functions call.

Results are NumPy's, infinities and NaN where Python's `math` raises. What is not here is refused
by an `ArraysError`. A test compares explanations that are made with this package and with NumPy.
"""

from numpy import linalg  # noqa: F401
from numpy.arrays import *  # noqa: F403
from numpy.functions import *  # noqa: F403
from numpy.kinds import *  # noqa: F403
from numpy.kinds import ArraysError
from numpy.making import *  # noqa: F403
from numpy.making import all_ as all  # noqa: F401
from numpy.making import amax as max  # noqa: F401
from numpy.making import amin as min  # noqa: F401
from numpy.making import any_ as any  # noqa: F401
from numpy.making import sum_ as sum  # noqa: F401
from numpy.products import *  # noqa: F403


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    raise ArraysError(f"np.{name}")
