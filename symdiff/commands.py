"""The command line: a thin layer of Click over `Function`. Results go to standard output alone."""

from __future__ import annotations

import contextlib
import difflib
import functools
import itertools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import click

from symdiff.console import refuse_strangers, summary, text_of, values
from symdiff.derive.options import MODES, Options
from symdiff.errors import CheckError, SymdiffError, UnsupportedError
from symdiff.verbs import OPTIONS, VERBS, Verb
from symdiff.version import __version__

PLANNED_VERBS = ("explain", "graph", "bench")
_TRUTHS = {"true": 1.0, "false": 0.0, "True": 1.0, "False": 0.0}
FORMATS = ("python", "formula", "latex", "json")
EPILOG = """\b
Examples:
  symdiff grad "x**2+y**3" > g.py
  symdiff grad "x**2+y**3" --at x=3,y=2
  symdiff grad loss.sd --wrt w,b -o loss_grad.py
  symdiff grad model.py:loss --shape "X: N 10" --shape "w: 10" --shape "y: N"
  symdiff hessian "x**2*y" --at x=3,y=2
  symdiff check "log(1+exp(x))"
  symdiff compare "sin(x*y)*exp(-x**2)"
"""


class Commands(click.Group):
    """The group of verbs: unknown ones get a suggestion, planned ones are refused by name."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the arguments, which prints the help where it is asked for."""
        with _reader_may_stop():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:  # what a command returns
        """Run a command to its last byte."""
        with _reader_may_stop():
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or refuse with one sentence."""
        name = args[0]
        if self.get_command(ctx, name) is None:
            if name in PLANNED_VERBS:
                raise _Refused(UnsupportedError(f"the verb '{name}' is not supported yet"))
            near = difflib.get_close_matches(name, self.commands, 1)
            hint = f"did you mean '{near[0]}'?" if near else "'symdiff --help' lists the verbs"
            raise _Refused(SymdiffError(f"there is no verb '{name}'", suggestion=hint))
        return super().resolve_command(ctx, args)


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


class _Refused(click.ClickException):
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


def main() -> NoReturn:
    """Run the command line and exit."""
    try:
        group(prog_name="symdiff")
    except OSError as error:
        _discard_output()
        click.echo(f"error: cannot write to standard output: {error.strerror or error}", err=True)
        sys.exit(SymdiffError.exit_code)
    except RecursionError:
        click.echo("error: the input is too deep for this command", err=True)
        sys.exit(SymdiffError.exit_code)
    sys.exit(0)


@contextlib.contextmanager
def _reader_may_stop() -> Iterator[None]:
    """End quietly where the reader of the output has gone, as `head` does: Click would say 1."""
    try:
        yield
    except BrokenPipeError:
        _discard_output()
        raise click.exceptions.Exit(0) from None


def _discard_output() -> None:
    """Let the interpreter's last flush go nowhere: what is left cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="symdiff")
def group() -> None:
    """Exact derivatives of formulas, as standalone NumPy files.

    SOURCE is a formula ("x**2+y**3"), a program of statements, a file ending in .sd that holds
    one, - for standard input, or a plain NumPy function as model.py:loss, package.module:loss or
    model.py:model.loss (a method of an object there), which runs the file.
    """


# --- options that verbs share ----------------------------------------------------------------


def _options(*decorators: Callable[..., Any]) -> Callable[..., Any]:
    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


def _point(_ctx: click.Context, _param: click.Parameter, text: str | None) -> dict[str, Any] | None:
    """`x=3,w=[1,2]` as a mapping."""
    if text is None:
        return None
    values: dict[str, Any] = {}
    for part in _parts(text):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        if not equals or not name:
            raise _Refused(SymdiffError(f"--at has '{part}'", suggestion="write --at x=3,w=[1,2]"))
        if name in values:
            raise _Refused(SymdiffError(f"--at names '{name}' twice"))
        try:
            values[name] = _value(number)
        except ValueError:
            sentence = f"--at gives '{name}' the value '{number}', which is no number"
            raise _Refused(SymdiffError(sentence)) from None
    return values


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


def _numbers(value: Any) -> Any:
    """Nested lists of floats."""
    return [_numbers(part) for part in value] if isinstance(value, list) else float(value)


_SOURCE = _options(
    click.argument("source"),
    click.option("--wrt", metavar="x,y", help="The inputs to differentiate by; default all."),
    click.option("--name", help="The name of the output; default f."),
    click.option("--latex", is_flag=True, hidden=True),  # refused by name
    click.option(
        "--shape",
        multiple=True,
        metavar='"X: N 10"',
        help='The shape of an input, and its kind: "k: int N"; repeatable.',
    ),
    click.option("--batch", is_flag=True, help="Let inputs have leading batch axes."),
    click.option("--max-length", type=int, help="The most characters of the text."),
    click.option("--max-depth", type=int, help="The most brackets inside of each other."),
    click.option("--max-nodes", type=int, help="The most operations."),
    click.option("--max-power-digits", type=int, help="The most digits of a power of numbers."),
    click.option("-q", "--quiet", is_flag=True, help="No summary on standard error."),
    click.option("-v", "--verbose", is_flag=True, help="More in the summary."),
)
_AT = click.option(
    "--at", metavar="x=3,w=[1,2]", callback=_point, help="A point: a number or a list an input."
)
_EMIT = _options(
    click.option("-o", "--output", type=click.Path(), help="Write to this file."),
    click.option("--target", default="numpy", hidden=True),  # others are refused by name
    click.option("--dtype", default="float64", hidden=True),
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
        metavar="R",
        help="Fail where the gradient takes over R times the operations of the value.",
    ),
)


def _refusing(command: Callable[..., None]) -> Callable[..., None]:
    """Turn symdiff's errors into Click's, so each ends the command with its own exit code."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except SymdiffError as error:
            raise _Refused(error) from None

    return run


# --- verbs that emit -------------------------------------------------------------------------


_OF_DERIVATION = {
    "sparse": click.option("--sparse", is_flag=True, help=OPTIONS["sparse"]),
    "mode": click.option("--mode", type=click.Choice(MODES), help=OPTIONS["mode"]),
}


def _add_emitting(verb: Verb) -> None:
    @group.command(
        verb.name, cls=SourceCommand, help=f"{verb.help} Print the module, or values with --at."
    )
    @_options(_SOURCE, _AT, _EMIT, *[_OF_DERIVATION[name] for name in verb.options])
    @_refusing
    def emit(**options: Any) -> None:
        told = Options(**{name: options.pop(name) for name in verb.options})
        _emit(verb, told=told, **options)


def _emit(
    verb: Verb,
    *,
    told: Options,
    at: dict[str, float] | None,
    output: str | None,
    target: str,
    dtype: str,
    form: str,
    max_ratio: float | None,
    **source: Any,
) -> None:
    if dtype != "float64":
        raise UnsupportedError(
            f"--dtype {dtype} is not supported: the module takes the type of its arguments",
            suggestion="call it with float32 arrays, and the results are float32",
        )
    quiet, verbose = source["quiet"], source["verbose"]
    started = time.perf_counter()
    with _progress(quiet) as step:
        base = _function(**source)
        step("read")
        made = base.derived(verb, options=told) if verb.is_derivative else base
        step("derived")
        _ = made.optimized, made.optimized_value
        step("optimised")
        ratio = made.ops / max(1, made.optimized_value.ops)
        if max_ratio is not None and ratio > max_ratio:
            raise CheckError(
                f"value and derivative take {made.ops} operations, {ratio:.2f} times the "
                f"value's {made.optimized_value.ops}; --max-ratio allows {max_ratio:g}"
            )
        text = values(made, at, form) if at is not None else text_of(made, form, target)
        step("printed")
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        from symdiff.emit.write import write_whole

        write_whole(Path(output), text if text.endswith("\n") else text + "\n")
    if not quiet:
        summary(made, time.perf_counter() - started, verbose=verbose)


_BAR = 32  # the width of a bar


@contextlib.contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str], None]]:  # noqa: FBT001  Click's flag
    """A bar of four steps on a terminal, once the command takes over a second."""
    steps = ("read", "derived", "optimised", "printed")
    with _bar(quiet) as draw:
        yield lambda name: draw(steps.index(name) + 1, len(steps), name)


@contextlib.contextmanager
def _bar(quiet: bool) -> Iterator[Callable[..., None]]:  # noqa: FBT001  Click's flag
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


# --- reading the source ----------------------------------------------------------------------


def _function(
    source: str,
    *,
    wrt: str | None,
    name: str | None,
    latex: bool,
    shape: tuple[str, ...],
    batch: bool,
    max_length: int | None,
    max_depth: int | None,
    max_nodes: int | None,
    max_power_digits: int | None,
    **_rest: Any,
) -> Any:
    """The function of SOURCE and the options that all verbs share."""
    from symdiff.api import function
    from symdiff.frontend.limits import LIMITS, Limits
    from symdiff.frontend.tracing.file import function_at, place_of, users_code

    if latex:
        raise UnsupportedError("LaTeX input is not supported yet", suggestion="write a formula")
    limits = Limits(
        length=max_length or LIMITS.length,
        depth=max_depth or LIMITS.depth,
        nodes=max_nodes or LIMITS.nodes,
        power_digits=max_power_digits or LIMITS.power_digits,
    )
    if wrt is not None and not wrt.strip(", "):
        raise SymdiffError("--wrt names no input")
    shapes = _shapes(shape)
    place = place_of(source)
    if place is not None:
        found = function_at(place)
        with users_code(place.name):
            return function(found, wrt=wrt, name=name, shapes=shapes, batch=batch, limits=limits)
    text = _read(source, limits.length)
    return function(text, wrt=wrt, name=name, shapes=shapes, batch=batch, limits=limits)


def _shapes(options: tuple[str, ...]) -> dict[str, Any] | None:
    """The shapes that --shape gives, by name."""
    if not options:
        return None
    from symdiff.frontend.shapes_option import parse_shape

    shapes: dict[str, Any] = {}
    for option in options:
        name, shape = parse_shape(option)
        if name in shapes:
            raise SymdiffError(f"--shape names '{name}' twice")
        shapes[name] = shape
    return shapes


def _read(source: str, length: int) -> str:
    """The text of SOURCE: itself, a file's, or standard input's."""
    if source == "-":
        return _decoded(sys.stdin.buffer.read(4 * length + 1), "standard input")
    if source.endswith(".sd"):
        try:
            with Path(source).open("rb") as file:
                return _decoded(file.read(4 * length + 1), f"'{source}'")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SymdiffError(f"cannot read '{source}': {reason}") from None
    return _decoded(os.fsencode(source), "the formula")


def _decoded(data: bytes, what: str) -> str:
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise SymdiffError(f"{what} is not UTF-8: byte {error.start + 1} cannot be read") from None


# --- verbs that report -----------------------------------------------------------------------


@group.command(cls=SourceCommand)
@_SOURCE
@_AT
@click.option("--seed", type=int, default=0, help="Of the random points.")
@_refusing
def check(*, at: dict[str, float] | None, seed: int, **source: Any) -> None:
    """Compare the gradient with finite differences and a 50-digit reference.

    Prints a table; exit code 1 where a derivative disagrees.
    """
    made = _function(**source).value_and_grad()
    _whole_point(at, made.inputs)
    with _bar(source["quiet"]) as progress:
        report = made.check(at=at, seed=seed, progress=progress)
    click.echo(str(report))
    if not report.ok:
        raise SystemExit(CheckError.exit_code)


@group.command(cls=SourceCommand)
@_SOURCE
@_AT
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text")
@_refusing
def compare(*, at: dict[str, float] | None, form: str, **source: Any) -> None:
    """Measure methods of differentiation side by side on this input.

    Finite differences, complex step, SymPy's diff, diff with cse, this compiler, and PyTorch or
    JAX where they are installed: exactness, operations, evaluations, time.
    """
    made = _function(**source).value_and_grad()
    _whole_point(at, made.inputs)
    report = made.compare(at=at)
    click.echo(json.dumps(report.to_dict(), indent=2) if form == "json" else str(report))


def _whole_point(at: dict[str, float] | None, inputs: tuple[str, ...]) -> None:
    if at is not None:
        refuse_strangers(at, inputs, "--at")
        missing = [name for name in inputs if name not in at]
        if missing:
            raise SymdiffError(f"--at gives no value to {', '.join(missing)}")


@group.command()
@click.argument("file", type=click.Path())
@_refusing
def verify(file: str) -> None:
    """Make an emitted module again from its header and compare, byte by byte.

    Exit code 0 where the bytes agree, 1 where they differ, 2 where FILE holds no recipe.
    """
    from symdiff.api import from_recipe
    from symdiff.emit.recipe import read_recipe

    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise SymdiffError(f"cannot read '{file}': {error.strerror or error}") from None
    text = _decoded(data, f"'{file}'")
    recipe = read_recipe(text)
    if not isinstance(recipe, dict):
        raise SymdiffError(f"'{file}' holds no recipe: it is not a module that symdiff emitted")
    again = from_recipe(recipe).emit()
    if again.encode() != data:
        pairs = itertools.zip_longest(text.split("\n"), again.split("\n"))
        line = next(i for i, (old, new) in enumerate(pairs, start=1) if old != new)
        raise CheckError(f"'{file}' differs from what its recipe gives, first in line {line}")
    click.echo(f"{file}: as its recipe gives it")


@group.command()
@click.argument("name", required=False)
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text")
@_refusing
def functions(name: str | None, form: str) -> None:
    """List the functions of the grammar with derivative, domain and convention at kinks."""
    from symdiff.catalogue import describe_functions

    rows = describe_functions(name)
    if form == "json":
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['signature']}")
        click.echo(f"    {row['doc']}")
        for key in ("names", "derivative", "domain", "kink"):
            if row[key]:
                click.echo(f"    {'also' if key == 'names' else key}: {row[key]}")


@group.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    For bash: eval "$(symdiff completion bash)"
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None  # the choices are those that Click has
    click.echo(found(group, {}, "symdiff", "_SYMDIFF_COMPLETE").source())


for _verb in VERBS.values():
    if _verb.is_command:
        _add_emitting(_verb)
