"""The functions of the package that ask a verb of a function: `sd.grad(f)` and its like."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from symdiff.api import Function
from symdiff.api import function as made_of
from symdiff.derive.options import PLAIN, Options
from symdiff.differentiated import Differentiated
from symdiff.emit.target import DEFAULT
from symdiff.emit.targets import target_of
from symdiff.frontend.loops import PLAIN as LOOPS
from symdiff.frontend.loops import Loops
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.sources import is_sympy
from symdiff.verbs import OPTIONS, VERBS, Differentiable, Verb, Wrt


def transform(
    verb: str,
    function: Any,
    wrt: Wrt,
    options: Options = PLAIN,
    target: str = DEFAULT,
    loops: Loops = LOOPS,
) -> Any:
    """A verb of a NumPy function, a text or anything else that `sd.function` takes."""
    if callable(function) and not isinstance(function, Function) and not is_sympy(function):
        return Differentiated(function, VERBS[verb], wrt, options, target, loops)
    base = made_of(function, loops=loops.choice, checkpoint=loops.checkpoint)
    made = base.derived(VERBS[verb], wrt, options)
    made.target = target_of(target).name
    return made


def stop_gradient(x: Any) -> Any:
    """The value itself, a constant for every derivative; PyTorch's `detach`."""
    if isinstance(x, Tracer):
        return x.recording.call("stop_gradient", x)
    return x


# --- the functions of the package ----------------------------------------------------------------

_DEFAULTS = {"target": DEFAULT, "loops": LOOPS.choice, "checkpoint": LOOPS.checkpoint}
_TEXT = """{help}

    Args:
        function: a NumPy function: the result is called as it is, and a derivative comes in the
            structure of the arguments{behind}. Or what `sd.function` takes: the result is a
            Function.
        wrt: what to differentiate by: a name, a position, or a tuple of them; by default the first
            argument of a NumPy function, all inputs of anything else.
{options}        target: what computes it, as of `Function.emit`.
        loops, checkpoint: what is asked of the function's loops, as of `sd.function`.

    Raises:
        UnsupportedError: when called, for what cannot be traced, with its place.
    """


def _function_of(verb: Verb) -> Callable[..., Any]:
    """The function of the package that asks a verb of a function."""
    like = inspect.signature(getattr(Differentiable, verb.name)).parameters.values()
    _self, wrt, *options = [p.replace(annotation=inspect.Parameter.empty) for p in like]
    takes = inspect.Signature(
        [
            inspect.Parameter("function", wrt.kind),
            wrt,
            *options,
            *[
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
                for name, default in _DEFAULTS.items()
            ],
        ]
    )

    def ask(*args: Any, **kwargs: Any) -> Any:
        try:
            given = takes.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{verb.name}() {error}") from None
        given.apply_defaults()
        told = Options(**{option.name: given.arguments[option.name] for option in options})
        function, by = given.arguments["function"], given.arguments["wrt"]
        target, *loops = [given.arguments[name] for name in _DEFAULTS]
        return transform(verb.name, function, by, told, target, Loops(*loops))

    ask.__name__ = ask.__qualname__ = verb.name
    ask.__doc__ = _documented(verb)
    ask.__signature__ = takes  # type: ignore[attr-defined]
    return ask


def _documented(verb: Verb) -> str:
    """The docstring of a function of the package."""
    behind = "" if verb.vectors is None else f"; {verb.vectors.noun}s go behind them"
    options = [f"        {name}: {OPTIONS[name]}\n" for name in verb.options]
    return _TEXT.format(help=verb.help, behind=behind, options="".join(options))


FUNCTIONS = {verb.name: _function_of(verb) for verb in VERBS.values() if verb.is_derivative}
