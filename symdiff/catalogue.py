"""What `symdiff functions` lists: the grammar's functions with derivative, domain and kinks."""

from __future__ import annotations

import difflib
import inspect

from symdiff.api import function
from symdiff.errors import SymdiffError
from symdiff.frontend.functions import BY_NAME, FUNCTIONS, FunctionRow
from symdiff.frontend.lowering import LOWERINGS


def describe_functions(name: str | None = None) -> list[dict[str, str]]:
    """One mapping a function: its signature, sentence, other names, derivative, domain and kink.

    Args:
        name: of one function; all of them by default.

    Raises:
        SymdiffError: where no function has the name.
    """
    if name is None:
        further = [known for known in LOWERINGS.supported if known not in BY_NAME]
        return [*map(_describe, FUNCTIONS), *map(_describe_of_arrays, further)]
    row = BY_NAME.get(name)
    of_arrays = [
        known for known in LOWERINGS.supported if name in (known, known.rpartition(".")[2])
    ]
    if row is None and of_arrays:
        return [_describe_of_arrays(known) for known in of_arrays]
    if row is None:
        near = difflib.get_close_matches(name, [*BY_NAME, *LOWERINGS], 1)
        hint = f"did you mean '{near[0]}'?" if near else "'symdiff functions' lists them"
        raise SymdiffError(f"there is no function '{name}'", suggestion=hint)
    return [_describe(row)]


def _describe(row: FunctionRow) -> dict[str, str]:
    return {
        "signature": f"{row.names[0]}({row.arguments})",
        "doc": row.doc,
        "names": ", ".join(row.names[1:]),
        "derivative": row.derivative or _derivative(row),
        "domain": row.domain,
        "kink": row.kink,
    }


def _describe_of_arrays(name: str) -> dict[str, str]:
    """A function of arrays: its signature is NumPy's, as far as it is supported."""
    lowering = LOWERINGS[name]
    parameters = list(inspect.signature(lowering).parameters.values())[1:]  # without the builder
    bare = [p.replace(annotation=p.empty) for p in parameters]
    doc = (lowering.__doc__ or "").strip().splitlines()
    return {
        "signature": f"{name}{inspect.Signature(bare)}",
        "doc": doc[0] if doc else _short_doc(name),
        "names": "",
        "derivative": "",
        "domain": "",
        "kink": "",
    }


def _short_doc(name: str) -> str:
    """The sentence of the function or operation of this name."""
    short = name.rpartition(".")[2]
    if short in BY_NAME:
        return BY_NAME[short].doc
    library = "SciPy" if name.startswith("scipy.") else "NumPy"
    return f"As {library}'s {short}."


def _derivative(row: FunctionRow) -> str:
    """The derivative by each argument, made by the compiler itself."""
    call = f"{row.names[0]}({row.arguments.replace(', ...', '')})"
    try:
        gradient = function(call).grad()
    except SymdiffError:
        return ""  # the arguments are not numbers alone: the sentence says what they are
    formulas = gradient.formulas().values()
    if len(gradient.wrt) == 1:
        return next(iter(formulas))
    return "; ".join(
        f"by {x}: {text or 'long'}" for x, text in zip(gradient.wrt, formulas, strict=True)
    )
