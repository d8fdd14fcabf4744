"""What `symdiff functions` lists: the grammar's functions with derivative, domain and kinks."""

from __future__ import annotations

import difflib

from symdiff.api import function
from symdiff.errors import SymdiffError
from symdiff.frontend.functions import BY_NAME, FUNCTIONS, FunctionRow


def describe_functions(name: str | None = None) -> list[dict[str, str]]:
    """One mapping a function: its signature, sentence, other names, derivative, domain and kink.

    Args:
        name: of one function; all of them by default.

    Raises:
        SymdiffError: where no function has the name.
    """
    if name is None:
        return [_describe(row) for row in FUNCTIONS]
    row = BY_NAME.get(name)
    if row is None:
        near = difflib.get_close_matches(name, BY_NAME, 1)
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
