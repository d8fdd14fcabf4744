"""Compiler of the page: a formula or a small program in, all that is shown out."""

import html
import json

from numpy import ArraysError

import symdiff
from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.explain.mathml import LONGEST, mathml
from symdiff.frontend.text.blocks import has_statements
from symdiff.verbs import VERBS

POINTS = (2.0, 3.0, 0.5, 1.5, 0.25)  # where no other point is given, in the order of the inputs
ARRAYS = "this page computes with numbers alone: arrays and special functions need NumPy and SciPy"
STATEMENTS = "'if', 'for' and 'while' as statements need NumPy, which this page has not"
INSTEAD = "in a terminal it works: pip install symdiff-codegen"


def compiled(request: str) -> str:
    """The code, and the derivative as a formula.

    Args:
        request: JSON with `source`, `verb`, `target`, whether it is `lean`, and the point `at`, a
            number by name of an input.

    Returns:
        JSON with `code`, `formula` (MathML), `latex`, `operations`, and `inputs`, by name the
        number of the point, or null for an array; or `error`, as a terminal shows it.
    """
    asked = json.loads(request)
    try:
        made = _function(asked["source"])
        verb = VERBS[asked["verb"]]
        derived = made.derived(verb) if verb.is_derivative else made
        latex, formula = _formula(derived)
        found = {
            "code": derived.emit(asked["target"], lean=asked["lean"]),
            "formula": formula,
            "latex": latex,
            "operations": _operations(derived),
            "inputs": _inputs(made, asked["at"]),
        }
    except (SymdiffError, ArraysError, ImportError) as error:
        found = {"error": f"error: {_said(error)}"}
    return json.dumps(found)


def explained(request: str) -> str:
    """The steps of what `compiled` has taken.

    Args:
        request: as of `compiled`.

    Returns:
        JSON with `steps` (HTML), `graph` (SVG), `page` (HTML), and `notes`: why there are none.
    """
    asked = json.loads(request)
    try:
        made = _function(asked["source"])
        at = _inputs(made, asked["at"])
        if None in at.values():
            raise ArraysError
        explanation = made.explain(at)
        found = {
            "steps": explanation.text(form="html"),
            "graph": explanation.picture().svg(),
            "page": explanation.html(),
            "notes": "",
        }
    except (SymdiffError, ArraysError, ImportError) as error:
        found = {"steps": "", "graph": "", "page": "", "notes": _said(error)}
    return json.dumps(found)


def _said(error: Exception) -> str:
    """The sentence of an error; one on this page where what it lacks is the cause."""
    cause = error
    while cause is not None and not isinstance(cause, (ArraysError, ImportError)):
        cause = cause.__cause__ or cause.__context__
    return str(error) if cause is None else f"{ARRAYS}\n  {INSTEAD}"


def _function(source: str) -> symdiff.Function:
    if has_statements(source):
        raise UnsupportedError(STATEMENTS, suggestion=f"write a if c else b; {INSTEAD}")
    return symdiff.function(source)


def _formula(derived: symdiff.Function) -> tuple[str, str]:
    try:
        latex = derived.latex()
    except SymdiffError as error:
        return "", html.escape(error.message)
    return latex, mathml(latex, is_block=True) if len(latex) <= LONGEST else ""


def _operations(derived: symdiff.Function) -> str:
    value = derived.optimized_value.ops
    text = f"{derived.ops} operations"
    return f"{text}, {value} of the value alone" if derived.verb.is_derivative else text


def _inputs(made: symdiff.Function, given: dict) -> dict:
    numbers = [name for name, shape in made.shapes.items() if not shape]
    points = {name: POINTS[place % len(POINTS)] for place, name in enumerate(numbers)}
    return {name: given.get(name, points[name]) if name in points else None for name in made.inputs}
