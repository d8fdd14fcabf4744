"""Text to a callable gradient, beside SymPy's diff and lambdify."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import symdiff as sd
from benchmarks.measure import in_process, interleaved, profile
from benchmarks.option import PROGRAM
from benchmarks.options import Options
from benchmarks.report import Section, Table, Target, number, seconds

_ROSENBROCK = " + ".join(f"100*(x{i + 1} - x{i}**2)**2 + (1 - x{i})**2" for i in range(9))
TEXTS = {
    "option price": PROGRAM,
    "damped wave": "exp(-a*x**2)*sin(b*y + x)/(1 + x**2*y**2) + log(1 + exp(a*x*y))",
    "Rosenbrock, n = 10": _ROSENBROCK,
}
_NAME = re.compile(r"\b[A-Za-z]\w*")
_NO_INPUTS = {"log", "exp", "sin", "sqrt", "tanh", "m", "s", "v", "d1", "d2", "n1", "n2"}
_FIRST_RUNS = 5  # processes for each tool and text
_BOUND = 1 / 20
_FIRST_BOUND = 1 / 15
_REASON = "Where the time goes is in the profile below."


def run(options: Options) -> Section:
    """Repeated compilation in this process, and the first one of a fresh process."""
    repeated, first = _repeated(), _first()
    profiles = {}
    if options.profile or any(target.is_missed for target in repeated.targets):
        profiles["The option price from text to callable, 20 times"] = profile(_twenty_times)
    if options.profile or any(target.is_missed for target in first.targets):
        name = next(iter(TEXTS))
        profiles[f"The first of a process, {name}"] = in_process(__name__, "profile", name)
    about = (
        "`sd.function(text).value_and_grad()` and its first call, beside SymPy's `sympify`, `diff` "
        "by each input and `lambdify(cse=True)`, on symbols declared positive (otherwise SymPy "
        "takes more than a minute for the option price). Imports are not counted."
    )
    return Section("From text to a callable gradient", about, [repeated, first], profiles)


def _twenty_times() -> None:
    for _ in range(20):
        with_symdiff(PROGRAM)


def with_symdiff(text: str) -> Callable[..., Any]:
    """The callable by this compiler, called once: it compiles at its first call."""
    made = sd.function(text).value_and_grad()
    made(*[1.0] * len(made.inputs))
    return made


def with_sympy(text: str) -> Callable[..., Any]:
    """The callable by SymPy: each statement with the earlier ones put in, as its users do.

    The symbols are declared positive: without that, SymPy's questions about signs take more than
    a minute on the option price.
    """
    import sympy  # noqa: TID251  the peer

    symbols = sympy.symbols(sorted(set(_NAME.findall(text)) - _NO_INPUTS), positive=True)
    known: dict[str, Any] = {symbol.name: symbol for symbol in symbols}
    *statements, last = text.strip().splitlines()
    for statement in statements:
        name, _, formula = statement.partition(" = ")
        known[name] = sympy.sympify(formula, locals=known)
    value = sympy.sympify(last, locals=known)
    gradient = [sympy.diff(value, symbol) for symbol in symbols]
    found: Callable[..., Any] = sympy.lambdify(symbols, [value, *gradient], "numpy", cse=True)
    return found


def _with_sympy_afresh(text: str) -> Callable[..., Any]:
    """Without what SymPy remembers of the round before."""
    from sympy.core.cache import clear_cache  # noqa: TID251  the peer

    clear_cache()
    return with_sympy(text)


def _repeated() -> Table:
    rows, targets = [], []
    for name, text in TEXTS.items():
        times = interleaved(
            {"ours": partial(with_symdiff, text), "sympy": partial(_with_sympy_afresh, text)}
        )
        ours, theirs = times["ours"], times["sympy"]
        ratio = ours.over(theirs)
        rows.append((name, seconds(ours.median), seconds(theirs.median), f"1/{number(1 / ratio)}"))
        targets.append(Target(f"symdiff over SymPy, {name}", _BOUND, ratio, reason=_REASON))
    title = "In a process that has compiled before (SymPy's cache emptied each time)"
    return Table(title, ("text", "symdiff", "SymPy", "ratio"), rows, tuple(targets))


def _first() -> Table:
    rows, targets = [], []
    for name in TEXTS:
        pairs = [
            [in_process("benchmarks.compile", tool, name) for tool in ("symdiff", "sympy")]
            for _ in range(_FIRST_RUNS)
        ]
        ours, theirs = (sorted(column)[_FIRST_RUNS // 2] for column in zip(*pairs, strict=True))
        ratio = ours / theirs
        rows.append((name, seconds(ours), seconds(theirs), f"1/{number(1 / ratio)}"))
        targets.append(
            Target(f"symdiff over SymPy, {name}, first call", _FIRST_BOUND, ratio, reason=_REASON)
        )
    title = "The first of a process, after its imports"
    return Table(title, ("text", "symdiff", "SymPy", "ratio"), rows, tuple(targets))


def _one_first(tool: str, name: str) -> object:
    """Seconds or the profile of the first compilation, NumPy, Jinja2 and SymPy imported."""
    import jinja2  # noqa: F401  imports are not counted
    import numpy as np  # noqa: F401

    import symdiff.api  # noqa: F401

    work = partial(with_symdiff, TEXTS[name])
    if tool == "profile":
        return profile(work)
    if tool == "sympy":
        import sympy  # noqa: F401, TID251

        work = partial(with_sympy, TEXTS[name])
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps(_one_first(*sys.argv[1:])))
