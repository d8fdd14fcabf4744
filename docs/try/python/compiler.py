"""Compiler of the page: a formula or a small program in, all that is shown out."""

import html
import itertools
import json
import math

from numpy import ArraysError, asarray

import symdiff
from symdiff.errors import SymdiffError
from symdiff.explain.mathml import LONGEST, mathml
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import evaluate
from symdiff.verbs import VERBS
from symdiff.verify.points import small_lengths

POINTS = (2.0, 3.0, 0.5, 1.5, 0.25)  # where no other point is given, in the order of the inputs
_OTHERS = {INT: 2, BOOL: True}
SCIPY = "this page has no SciPy, which special functions need"
INSTEAD = "in a terminal it works: pip install symdiff-codegen"


def compiled(request: str) -> str:
    """The code, and the derivative as a formula.

    Args:
        request: JSON with `source`, `verb`, `target`, whether it is `lean`, and the point `at`, by
            name of an input a number, or nested lists of them.

    Returns:
        JSON with `code`, `formula` (MathML), `latex`, `operations`, and `inputs`, by name the
        point; or `error`, as a terminal shows it.
    """
    asked = json.loads(request)
    try:
        made = symdiff.function(asked["source"])
        verb = VERBS[asked["verb"]]
        derived = made.derived(verb) if verb.is_derivative else made
        latex, formula = _formula(derived)
        found = {
            "code": derived.emit(asked["target"], lean=asked["lean"]),
            "formula": formula,
            "latex": latex,
            "operations": _operations(derived),
            "inputs": point_of(made, asked["at"]),
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
        made = symdiff.function(asked["source"])
        explanation = made.explain(point_of(made, asked["at"]))
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
    if cause is None:
        return str(error)
    lacks = SCIPY if isinstance(cause, ImportError) else f"this page has no {cause}"
    return f"{lacks}\n  {INSTEAD}"


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


def point_of(made: symdiff.Function, given: dict) -> dict:
    """The point: what is given, and numbers for the other inputs."""
    lengths, numbers, found = small_lengths(made.primal), itertools.cycle(POINTS), {}
    for name, node in made.primal.named_inputs.items():
        known = [evaluate(n, lengths) for n in node.shape]
        drawn = numbers if node.dtype == FLOAT else itertools.repeat(_OTHERS[node.dtype])
        elements = list(itertools.islice(drawn, math.prod(known)))
        found[name] = given.get(name, asarray(elements).reshape(known).tolist())
    return found
