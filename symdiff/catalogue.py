"""The list of functions that `symdiff functions` prints: derivatives, domains and kinks."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Sequence

from symdiff.api import Function, function
from symdiff.errors import SymdiffError
from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.lowering.registry import Lowering
from symdiff.frontend.text.functions import CALLEES


def describe_functions(name: str | None = None) -> list[dict[str, str]]:
    """One mapping a function: its signature, sentence, other names, derivative, domain and kink.

    Args:
        name: of one function; all of them by default.

    Raises:
        SymdiffError: where no function has the name.
    """
    if name is None:
        further = [
            known
            for known in LOWERINGS.supported
            if known not in CALLEES or CALLEES[known].of_numbers is None
            if not LOWERINGS[known].is_elementwise
        ]
        return [*_of_numbers(None), *[_of_arrays(known, LOWERINGS[known]) for known in further]]
    found = _of_numbers(name)
    if not found:
        of_arrays = {
            known: LOWERINGS[known]
            for known in LOWERINGS.supported
            if name in (known, known.rpartition(".")[2])
        }
        callee = CALLEES.get(name)
        if not of_arrays and callee is not None and callee.lowering is not None:
            of_arrays = {name: callee.lowering}
        found = [_of_arrays(known, lowering) for known, lowering in of_arrays.items()]
    if found:
        return found
    near = difflib.get_close_matches(name, [*CALLEES, *LOWERINGS], 1)
    hint = f"did you mean '{near[0]}'?" if near else "'symdiff functions' lists them"
    raise SymdiffError(f"there is no function '{name}'", suggestion=hint)


def _of_numbers(wanted: str | None) -> list[dict[str, str]]:
    """The functions of numbers, or the one of a name, each with all its names."""
    names: dict[Lowering, list[str]] = {}
    for name, callee in CALLEES.items():
        if callee.of_numbers is not None and name not in LOWERINGS.refused:
            names.setdefault(callee.of_numbers, []).append(name)
    rows = [
        _describe(lowering, found)
        for lowering, found in names.items()
        if wanted is None or wanted in found
    ]
    return sorted(rows, key=lambda row: row["signature"])


def _describe(lowering: Lowering, names: Sequence[str]) -> dict[str, str]:
    usual = lowering.name if lowering.name in names else names[0]
    return {
        "signature": f"{usual}({lowering.arguments})",
        "doc": lowering.doc,
        "names": ", ".join(name for name in names if name != usual),
        "derivative": lowering.derivative or _derivative(usual, lowering.arguments),
        "domain": lowering.domain,
        "kink": lowering.kink,
    }


def _of_arrays(name: str, lowering: Lowering) -> dict[str, str]:
    """A function of arrays: its signature is NumPy's, as far as it is supported."""
    bare = [p.replace(annotation=p.empty) for p in lowering.parameters]
    return {
        "signature": f"{name}{inspect.Signature(bare)}",
        "doc": lowering.doc,
        "names": "",
        "derivative": "",
        "domain": "",
        "kink": "",
    }


def _derivative(name: str, arguments: str) -> str:
    """The derivative by each argument, made by the compiler itself."""
    given = [word for word in arguments.split(", ") if word.isidentifier()]
    try:
        called = function(f"{name}({', '.join(given)})")
    except SymdiffError:
        return ""  # the arguments are not numbers alone: the sentence says what they are
    found = {x: text for x in given if (text := _slope(called, x)) is not None}
    if len(given) == 1:
        return next(iter(found.values()), "")
    return "; ".join(f"by {x}: {text or 'long'}" for x, text in found.items())


def _slope(called: Function, x: str) -> str | None:
    """The derivative by one argument, empty where it is long; `None` where it is refused."""
    try:
        return next(iter(called.grad(wrt=x).formulas().values()))
    except SymdiffError:
        return None
