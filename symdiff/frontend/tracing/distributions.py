"""SciPy's distributions while a trace runs: their methods, and those of frozen ones, record.

A frozen distribution calls the methods of one that is not, with what it was made of.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.lowering.stats import known_of
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.values import concrete, flat

_CLASSES = (
    "rv_continuous rv_discrete multivariate_normal_gen multivariate_t_gen dirichlet_gen "
    "multinomial_gen"
).split()
_METHODS = "cdf isf logcdf logpdf logpmf logsf pdf pmf ppf sf".split()
_OF_DATA = "__call__ evaluate logpdf pdf".split()
_KERNELS = "scipy.stats._kde"
_VECTORS = "scipy.stats._multivariate"
_MODULES = ("scipy.stats._distn_infrastructure", _VECTORS)
# SciPy decomposes their matrices by eigenvalues, which have no derivative where two are equal, and
# writes into probabilities under masks
_FROZEN = ("multivariate_normal", "multivariate_t", "multinomial")

Patch = Callable[[Any], Any]  # of a method, what takes its place


def distribution_methods() -> Iterator[tuple[type, str, Patch]]:
    """The classes and methods that are patched, each with what makes the other method."""
    for module in _MODULES:
        space = vars(sys.modules[module]) if module in sys.modules else {}
        for kind in [space[name] for name in _CLASSES if name in space]:
            yield from [(kind, name, _method(name)) for name in _METHODS if name in vars(kind)]
    of_vectors = vars(sys.modules[_VECTORS]) if _VECTORS in sys.modules else {}
    for name in _FROZEN:
        if f"{name}_gen" in of_vectors:
            yield of_vectors[f"{name}_gen"], "__call__", _freezing(name)
    kernels = vars(sys.modules[_KERNELS]) if _KERNELS in sys.modules else {}
    if "gaussian_kde" in kernels:
        kind = kernels["gaussian_kde"]
        yield from [
            (kind, name, _method(name, _data_of)) for name in _OF_DATA if name in vars(kind)
        ]


def _method(name: str, known: Callable[[Any], tuple[Any, ...]] = lambda _: ()) -> Patch:
    """What records a method, by its name; before the arguments stands what is `known`."""

    def make(old: Any) -> Any:
        @wraps(old)
        def record(self: Any, *args: Any, **kwargs: Any) -> Any:
            trace = active()
            if trace is None or trace.is_paused:
                return old(self, *args, **kwargs)
            own = known(self)
            if not trace.holds_tracers((args, kwargs, own)):
                return old(self, *args, **kwargs)
            if own and not any(map(trace.is_symbolic, flat((own, args, kwargs)))):
                return _computed(trace, old, self, args, kwargs)
            recorded = f"scipy.stats.{name_of(self)}.{name}"
            if recorded not in LOWERINGS:
                trace.refuse(f"{recorded} is not supported", known_of(name))
            return trace.call(recorded, *own, *args, **kwargs)

        return record

    return make


def _computed(trace: Any, old: Any, density: Any, args: Any, kwargs: Any) -> Any:
    """What SciPy makes of data that are known, whatever arrays stand for them in a trace."""
    plain = object.__new__(type(density))
    plain.__dict__.update({name: concrete(value) for name, value in vars(density).items()})
    named = {name: concrete(value) for name, value in kwargs.items()}
    trace.is_paused = True
    try:
        return old(plain, *map(concrete, args), **named)
    finally:
        trace.is_paused = False


class _Frozen:
    """A distribution of vectors whose parameters are traced."""

    def __init__(self, trace: Any, name: str, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        self._trace, self._name, self._args, self._named = trace, name, args, named

    def __getattr__(self, name: str) -> Any:
        known = f"scipy.stats.{self._name}.{name}"
        if name.startswith("__"):
            raise AttributeError(name)
        if known not in LOWERINGS:
            self._trace.refuse(
                f"scipy.stats.{self._name}(...).{name} is not supported",
                "the logarithm of its density is",
            )

        def density(x: Any) -> Any:
            trace: Any = active()
            named = {key: value for key, value in self._named.items() if key != "seed"}
            return trace.call(known, x, *self._args, **named)

        return density


def _freezing(name: str) -> Patch:
    """What freezes a distribution with parameters."""

    def make(old: Any) -> Any:
        @wraps(old)
        def freeze(self: Any, *args: Any, **kwargs: Any) -> Any:
            trace = active()
            if trace is None or trace.is_paused or not trace.holds_tracers((args, kwargs)):
                return old(self, *args, **kwargs)
            return _Frozen(trace, name, args, kwargs)

        return freeze

    return make


def _data_of(density: Any) -> tuple[Any, ...]:
    """What a density is made of, which stays as it is."""
    return density.dataset, density.covariance, density.weights


def name_of(distribution: Any) -> str:
    """The name of a distribution in `scipy.stats`."""
    kind = type(distribution).__name__
    return str(getattr(distribution, "name", None) or kind.removesuffix("_gen"))
