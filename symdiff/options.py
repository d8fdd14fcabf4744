"""Options of the command line: what each is called, and how its text is read."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import click

from symdiff.completion import sources, targets
from symdiff.derive.options import MODES
from symdiff.errors import SymdiffError
from symdiff.frontend.loops import AUTO, CHOICES, ROLL, UNROLL
from symdiff.graph.node import DTYPES
from symdiff.verbs import OPTIONS

_LIMIT = click.IntRange(min=1)
_TRUTHS = {"true": 1.0, "false": 0.0, "True": 1.0, "False": 0.0}
FORMATS = ("python", "formula", "latex", "json")


class SourceCommand(click.Command):
    """A verb whose SOURCE may begin with a minus sign: `symdiff grad "-x**2"`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put a formula that looks like an option behind `--`, where it is taken as it is."""
        options = [param for param in self.params if isinstance(param, click.Option)]
        known = {name for option in options for name in option.opts} | set(ctx.help_option_names)
        with_value = {name for option in options if not option.is_flag for name in option.opts}
        formulas, others, is_value = [], [], False
        for argument in args:
            looks_known = argument.startswith("--") or argument in (*known, "-")
            if is_value or looks_known or not argument.startswith("-"):
                others.append(argument)
                is_value = not is_value and argument in with_value
            else:
                formulas.append(argument)
        if len(formulas) == 1 and "--" not in args:
            args = [*others, "--", *formulas]
        return super().parse_args(ctx, args)


class Refused(click.ClickException):
    """A `SymdiffError` on its way out: printed whole, with its own exit code."""

    def __init__(self, error: SymdiffError) -> None:
        super().__init__(str(error))
        self.error = error

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # Click has a class variable
        """The error's own."""
        return self.error.exit_code

    def show(self, file: Any = None) -> None:
        """Print the error to standard error."""
        click.echo(f"error: {self.message}", file=file, err=True)


def options_of(*decorators: Callable[..., Any]) -> Callable[..., Any]:
    """Several options as one decorator, in this order in the help."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def _point(_ctx: click.Context, _param: click.Parameter, text: str | None) -> dict[str, Any] | None:
    """`x=3,w=[1,2]` as a mapping."""
    return None if text is None else _assigned(text, _value, "x=3,w=[1,2]")


def _measured_point(
    _ctx: click.Context, _param: click.Parameter, text: str
) -> dict[str, tuple[Any, Any]]:
    """`x=3+-0.1` as a mapping to values and standard deviations."""
    return _assigned(text, _measured, "x=3+-0.1,w=[1+-0.1,2]")


def _assigned(text: str, read: Callable[[str], Any], example: str) -> dict[str, Any]:
    """What a list of `name=value` says, by name."""
    values: dict[str, Any] = {}
    for part in _parts(text):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        if not equals or not name:
            raise Refused(SymdiffError(f"--at has '{part}'", suggestion=f"write --at {example}"))
        if name in values:
            raise Refused(SymdiffError(f"--at names '{name}' twice"))
        try:
            values[name] = read(number)
        except ValueError:
            sentence = f"--at gives '{name}' the value '{number}', which is no number"
            raise Refused(SymdiffError(sentence)) from None
    return values


def _budget(_ctx: click.Context, _param: click.Parameter, ratio: float | None) -> float | None:
    """A ratio; NaN would allow all."""
    if ratio is not None and not ratio >= 0.0:
        raise Refused(SymdiffError(f"--max-ratio is {ratio:g}, and takes a number from 0 on"))
    return ratio


def _correlations(
    _ctx: click.Context, _param: click.Parameter, texts: tuple[str, ...]
) -> dict[tuple[str, str], float]:
    """`x,y=0.5`, repeated, as a mapping of pairs."""
    found = {}
    for text in texts:
        names, _, number = text.partition("=")
        pair = tuple(map(str.strip, names.split(",")))
        try:
            (first, second), value = pair, float(number)
        except ValueError:
            sentence = f"--correlation has '{text}'"
            raise Refused(SymdiffError(sentence, suggestion="write x,y=0.5")) from None
        found[first, second] = value
    return found


def _parts(text: str) -> list[str]:
    """The text between the commas that stand in no bracket."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "[") - (character == "]")
        if character == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _value(text: str) -> Any:
    """A number, a truth, or nested lists of them.

    Raises:
        ValueError: where it is none.
    """
    if text[:1] == "[":
        return _numbers(json.loads(text))
    return _TRUTHS[text] if text in _TRUTHS else float(text)


def _measured(text: str) -> tuple[Any, Any]:
    """A number and its standard deviation, or nested lists of both.

    Raises:
        ValueError: where it is none.
    """
    if text[:1] == "[" and text[-1:] == "]":
        pairs = [_measured(part.strip()) for part in _parts(text[1:-1])]
        return [value for value, _ in pairs], [std for _, std in pairs]
    number, sign, std = text.replace("+/-", "±").replace("+-", "±").partition("±")
    return float(_TRUTHS.get(number, number)), float(std) if sign else 0.0


def _numbers(value: Any) -> Any:
    """Nested lists of floats."""
    return [_numbers(part) for part in value] if isinstance(value, list) else float(value)


SOURCE = options_of(
    click.argument("source", shell_complete=sources),
    click.option("--wrt", metavar="x,y", help="The inputs to differentiate by; default all."),
    click.option("--name", help="The name of the output; default f."),
    click.option("--latex", is_flag=True, help="SOURCE is a formula in LaTeX."),
    click.option(
        "--shape",
        multiple=True,
        metavar='"X: N 10"',
        help='The shape of an input, and its kind: "k: int N"; repeatable, or with ";" between.',
    ),
    click.option("--batch", is_flag=True, help="Let inputs have leading batch axes."),
    click.option("--roll", "loops", flag_value=ROLL, help="--loops roll"),
    click.option("--unroll", "loops", flag_value=UNROLL, help="--loops unroll"),
    click.option(
        "--loops",  # behind those that stand for it: click 8.1 takes the default of the last one
        type=click.Choice(CHOICES),
        default=AUTO,
        show_default=True,
        help="Let every loop stay one, write every for out, or choose for each; "
        "and so with like terms, which become arrays.",
    ),
    click.option(
        "--checkpoint",
        type=int,
        metavar="K",
        help="Keep what loops carry every K steps alone; gradients compute steps again.",
    ),
    click.option("--max-length", type=_LIMIT, help="The most characters of the text."),
    click.option("--max-depth", type=_LIMIT, help="The most brackets inside of each other."),
    click.option("--max-nodes", type=_LIMIT, help="The most operations."),
    click.option("--max-power-digits", type=_LIMIT, help="The most digits of a power of numbers."),
    click.option("-q", "--quiet", is_flag=True, help="No summary on standard error."),
    click.option("-v", "--verbose", is_flag=True, help="More in the summary."),
)
AT = click.option(
    "--at", metavar="x=3,w=[1,2]", callback=_point, help="A point: a number or a list an input."
)
MEASURED = options_of(
    click.option(
        "--at",
        metavar="x=3+-0.1,y=2",
        callback=_measured_point,
        required=True,
        help="A value for each input, with its standard deviation behind +- or ±.",
    ),
    click.option(
        "--correlation",
        multiple=True,
        metavar="x,y=0.5",
        callback=_correlations,
        help="The correlation of two inputs that are numbers; repeatable.",
    ),
)
TARGET = click.option(
    "--target",
    default="numpy",
    show_default=True,
    metavar="NAME",
    shell_complete=targets,
    help="The language of the code: numpy, python (floats, lists and math alone), array-api "
    "(arrays of PyTorch, JAX, CuPy, Dask and NumPy), c (a file and its header), numba "
    "(compiled functions), or one of your own.",
)
EMIT = options_of(
    click.option("-o", "--output", type=click.Path(), help="Write to this file."),
    TARGET,
    click.option(
        "--dtype",
        type=click.Choice(DTYPES),
        default=DTYPES[0],
        show_default=True,
        help="What floats are computed in.",
    ),
    click.option("--also", metavar="hvp,hessian", default="", help="Further verbs in the module."),
    click.option(
        "--lean", is_flag=True, help="The functions alone: no packing, threads or self-check."
    ),
    click.option(
        "--templates", metavar="DIR", default="", help="Own templates, before the built-in ones."
    ),
    click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="python",
        show_default=True,
        help="Code, formulas, LaTeX, or JSON with all of them.",
    ),
    click.option(
        "--max-ratio",
        type=float,
        callback=_budget,
        metavar="R",
        help="Fail where the gradient takes over R times the operations of the value.",
    ),
)


def refusing(command: Callable[..., None]) -> Callable[..., None]:
    """Turn symdiff's errors into Click's, so each ends the command with its own exit code."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except SymdiffError as error:
            raise Refused(error) from None

    return run


OF_DERIVATION = {
    "sparse": click.option("--sparse", is_flag=True, help=OPTIONS["sparse"]),
    "mode": click.option("--mode", type=click.Choice(MODES), help=OPTIONS["mode"]),
}
