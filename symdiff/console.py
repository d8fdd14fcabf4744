"""What the command line prints of a function: code, formulas, numbers at a point, a summary."""

from __future__ import annotations

import contextlib
import difflib
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import click

from symdiff.errors import SymdiffError, at_this_point
from symdiff.graph.node import FLOAT
from symdiff.verify.table import PLAIN, Screen


def text_of(module: Any, form: str) -> str:
    """A module, or its first function, in the format that was asked for."""
    from symdiff.emit.formula import formula, statements

    made = module.functions[0]
    if form == "python":
        code: str = module.emit()
        return code
    if form == "latex":
        latex: str = made.latex()
        return latex
    if form == "formula":
        return statements(*made.stated)
    operations = {"value": made.optimized_value.ops, "total": made.ops}
    data = made.origin.recipe() | {
        "inputs": made.inputs,
        "outputs": made.outputs,
        "formulas": {name: text for name, text, _ in formula(*made.stated).statements},
        "operations": operations,
        "code": module.emit(),
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def values(made: Any, at: dict[str, float], form: str) -> str:
    """The numbers at a point."""
    missing = [name for name in made.inputs if name not in at]
    if missing:
        raise SymdiffError(f"--at gives no value to {', '.join(missing)}")
    refuse_strangers(at, made.inputs, "--at")
    with at_this_point():
        try:
            returned = made(*_arguments(made, at))
        except (TypeError, ValueError) as error:  # the module's own words on a shape
            raise SymdiffError(f"--at: {error}") from None
    flat = _flattened(returned)
    names = made.outputs
    if isinstance(returned, tuple) and len(flat) == 3 and made.options.sparse:
        names = ("values", "rows", "columns")
    elif len(flat) != len(names) or (
        len(names) == 1 and made.verb.is_matrix
    ):  # the entries of one array
        names = (made.verb.name,)
    numbers = dict(zip(names, flat, strict=True))
    if form == "json":
        return json.dumps(json_data(numbers), indent=2)
    width = max(map(len, numbers))
    return "\n".join(f"{name:<{width}} = {_shown(value)}" for name, value in numbers.items())


def _arguments(made: Any, at: dict[str, Any]) -> list[Any]:
    """The numbers of a point in the order of a call, each of the kind of its input."""
    from symdiff.verify.points import array_of_kind, bare

    return [
        at[name]
        if made.kinds[name] == FLOAT
        else bare(array_of_kind(name, at[name], made.kinds[name]))
        for name in made.inputs
    ]


def _flattened(value: Any) -> list[Any]:
    return [x for part in value for x in _flattened(part)] if isinstance(value, tuple) else [value]


def _shown(value: Any) -> str:
    """A number as Python writes it, an array as NumPy does."""
    if getattr(value, "shape", ()) == ():
        return repr(float(value))
    import numpy as np

    return np.array2string(value, separator=", ", threshold=1000)


def json_data(value: Any) -> Any:
    """Data for JSON, which has no infinity and no NaN: those go as text. An array goes as lists."""
    if isinstance(value, dict):
        return {name: json_data(part) for name, part in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [json_data(part) for part in value]
    is_endless = isinstance(value, float) and not abs(value) < float("inf")
    return str(value) if is_endless else value


def refuse_strangers(given: Any, known: tuple[str, ...], option: str) -> None:
    """Refuse a name that is no input, with one that is near."""
    from symdiff.frontend.text.constants import advice_on_constant

    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = (
                f"did you mean '{near[0]}'?" if near else f"the inputs are: {', '.join(known[:10])}"
            )
            advice = advice_on_constant(name) or hint
            raise SymdiffError(f"{option} names '{name}', which is not an input", suggestion=advice)


def summary(made: Any, seconds: float, *, verbose: bool) -> None:
    """Formulas, operations and what was saved, on standard error."""
    lines = [f"{name} = {text}" for name, text in made.formulas().items() if text][:12]
    value, total = made.optimized_value.ops, made.ops
    if made.verb.is_derivative:
        lines.append(
            f"operations: value {value}, {made.verb.counted} {total}, "
            f"ratio {total / max(1, value):.2f}"
        )
        if made.unshared_ops > total:
            lines.append(f"written out without sharing: {made.unshared_ops:.6g} operations")
    else:
        lines.append(f"operations: {value}")
    lines += made.notes
    if verbose:
        lines.append(f"inputs: {', '.join(made.inputs)}; wrt: {', '.join(made.wrt)}")
        lines.append(f"lines of the graph: {len(made.primal)}, derived {len(made.graph)}")
        lines.append(f"time: {seconds:.3f} s")
    click.echo("\n".join(lines), err=True)


def screen() -> Screen:
    """Standard output: its columns, and Rich's colours where it is installed and there are such.

    What is no terminal gets plain text of any width, and so does a terminal without colours, as
    NO_COLOR and TERM say it (see no-color.org), but for its width.
    """
    if not sys.stdout.isatty():
        return PLAIN
    import shutil  # which compression comes with

    has_colours = not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"
    has_signs = "utf" in (sys.stdout.encoding or "").lower()
    is_styled = has_colours and has_signs and importlib.util.find_spec("rich") is not None
    return Screen(shutil.get_terminal_size().columns, is_styled)


# --- progress ------------------------------------------------------------------------------------

_BAR = 32  # the width of a bar


@contextlib.contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None]]:  # noqa: FBT001  Click's flag
    """A bar of four steps on a terminal, once the command takes over a second."""
    steps = ("read", "derived", "optimised", "printed")
    with bar(quiet) as draw:
        yield lambda name: draw(steps.index(name) + 1, len(steps), name)


@contextlib.contextmanager
def bar(quiet: bool) -> Iterator[Callable[..., None]]:  # noqa: FBT001  Click's flag
    """A bar of how many of all are done, on a terminal, after a second."""
    started, shown = time.perf_counter(), False

    def draw(done: int, total: int, name: str = "checked") -> None:
        nonlocal shown
        if not quiet and sys.stderr.isatty() and time.perf_counter() - started > 1.0:
            shown = True
            filled = _BAR * done // total
            bar = "#" * filled + "-" * (_BAR - filled)
            click.echo(f"\r[{bar}] {name:<10}", nl=False, err=True)

    try:
        yield draw
    finally:
        if shown:
            click.echo("\r\x1b[K", nl=False, err=True)
