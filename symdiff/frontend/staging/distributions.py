"""SciPy's continuous distributions whose formulas are not known here: traced in standard form.

SciPy writes the values of a standard form, which it computes under a mask, into an array. Here the
same functions of the standard form are traced for all values, and selected by the same conditions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import MethodType
from typing import Any

from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.lowering.moments import METHODS
from symdiff.frontend.tracing.distributions import name_of
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import numpy

_INFRASTRUCTURE = "scipy.stats._distn_infrastructure"
Stage = Callable[[Any], Any]


def method_of(method: MethodType, stage: Stage) -> Callable[..., Any] | None:
    """What stands for a method of a distribution; `None` where SciPy computes it."""
    module, name = sys.modules.get(_INFRASTRUCTURE), method.__name__
    distribution, make = method.__self__, _METHODS.get(method.__name__)
    if module is None or not isinstance(distribution, module.rv_generic):
        return None
    known = f"scipy.stats.{name_of(distribution)}.{name}"
    is_moment = name in METHODS and known in LOWERINGS
    if not is_moment and (make is None or not isinstance(distribution, module.rv_continuous)):
        return None
    if known not in LOWERINGS and type(distribution)._pdf is module.rv_continuous._pdf:
        return None  # SciPy takes differences of the distribution function

    def call(*args: Any, **kwargs: Any) -> Any:
        trace = active()
        if trace is None or trace.is_paused or not trace.holds_tracers((args, kwargs)):
            return method(*args, **kwargs)
        if known in LOWERINGS:
            return trace.call(known, *args, **kwargs)
        assert make is not None  # what has none is known
        x = args[0] if args else kwargs.pop("q" if name in ("ppf", "isf") else "x")
        shapes, loc, scale = distribution._parse_args(*args[1:], **kwargs)
        x, loc, scale, *shapes = [_number(trace, value) for value in (x, loc, scale, *shapes)]
        return make(_Standard(distribution, stage, shapes), name, x, loc, scale)

    return call


def _number(trace: Recorder, value: Any) -> Any:
    """An argument as a number or an array of floats."""
    if isinstance(value, Tracer):
        return value
    if isinstance(value, (list, tuple)) and trace.holds_tracers(value):
        return trace.call("array", value)
    return numpy().asarray(value, float)[()]


class _Standard:
    """A distribution in standard form.

    Attributes:
        first, last: the ends of the support.
        is_valid: where the shapes are some.
    """

    def __init__(self, distribution: Any, stage: Stage, shapes: Sequence[Any]) -> None:
        self._distribution, self._stage = distribution, stage
        self._shapes = shapes
        self.first, self.last = self.call("_get_support")
        self.is_valid = self.call("_argcheck")

    def call(self, name: str, *place: Any) -> Any:
        """A method of the standard form."""
        function = self._stage(getattr(type(self._distribution), name))
        return function(self._distribution, *place, *self._shapes)


def _density(form: _Standard, name: str, x: Any, loc: Any, scale: Any) -> Any:
    np = numpy()
    place = (x - loc) / scale
    raw = form.call(f"_{name}", place)
    value = raw / scale if name == "pdf" else raw - np.log(scale)
    is_inside = (form.first <= place) & (place <= form.last)
    inside = np.where(is_inside, value, 0.0 if name == "pdf" else -np.inf)
    return _where_valid(form, inside, place, scale)


def _probability(below: float, above: float) -> Callable[..., Any]:
    """One of what lies below or above a place, with its values at the two ends of the support."""

    def make(form: _Standard, name: str, x: Any, loc: Any, scale: Any) -> Any:
        np = numpy()
        place = (x - loc) / scale
        value = form.call(f"_{name}", place)
        ended = np.where(place >= form.last, above, value)
        return _where_valid(form, np.where(place <= form.first, below, ended), place, scale)

    return make


def _quantile(form: _Standard, name: str, q: Any, loc: Any, scale: Any) -> Any:
    np = numpy()
    ends = (form.first, form.last) if name == "ppf" else (form.last, form.first)
    inside = np.where((q > 0) & (q < 1), form.call(f"_{name}", q), np.nan)
    value = np.where(q == 0, ends[0], np.where(q == 1, ends[1], inside))
    return _where_valid(form, value * scale + loc, loc, scale)


def _where_valid(form: _Standard, value: Any, place: Any, scale: Any) -> Any:
    """NaN where the parameters are none, or there is no place."""
    np = numpy()
    is_valid = np.logical_and(form.is_valid, (scale > 0) & (place == place))
    return np.where(is_valid, value, np.nan)[()]


_METHODS: dict[str, Callable[..., Any]] = {
    "pdf": _density,
    "logpdf": _density,
    "cdf": _probability(0.0, 1.0),
    "sf": _probability(1.0, 0.0),
    "logcdf": _probability(-float("inf"), 0.0),
    "logsf": _probability(0.0, -float("inf")),
    "ppf": _quantile,
    "isf": _quantile,
}
