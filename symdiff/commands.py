"""The command line: a thin layer of Click over `Function`. Results go to standard output alone."""

from __future__ import annotations

import contextlib
import difflib
import itertools
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import click

from symdiff.console import bar, json_data, progress, refuse_strangers, summary, text_of, values
from symdiff.derive.options import Options
from symdiff.errors import CheckError, SymdiffError
from symdiff.options import (
    AT,
    EMIT,
    MEASURED,
    OF_DERIVATION,
    SOURCE,
    TARGET,
    Refused,
    SourceCommand,
    options_of,
    refusing,
)
from symdiff.reading import decoded, function_of
from symdiff.tour import tour
from symdiff.verbs import VERBS, Verb
from symdiff.version import __version__

EPILOG = """\b
New here? symdiff tour

\b
Examples:
  symdiff grad "x**2+y**3" > g.py
  symdiff grad "x**2+y**3" --at x=3,y=2
  symdiff grad loss.sd --wrt w,b -o loss_grad.py
  symdiff grad model.py:loss --shape "X: N 10" --shape "w: 10" --shape "y: N"
  symdiff hessian "x**2*y" --at x=3,y=2
  symdiff check "log(1+exp(x))"
  symdiff compare "sin(x*y)*exp(-x**2)"
  symdiff propagate "U/I" --at "U=230+-1,I=2.0+-0.05"
"""


class Commands(click.Group):
    """The group of verbs: unknown ones get a suggestion."""

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
            near = difflib.get_close_matches(name, self.commands, 1)
            hint = f"did you mean '{near[0]}'?" if near else "'symdiff --help' lists the verbs"
            raise Refused(SymdiffError(f"there is no verb '{name}'", suggestion=hint))
        return super().resolve_command(ctx, args)


def main() -> NoReturn:
    """Run the command line and exit."""
    try:
        group(prog_name="symdiff")
    except OSError as error:
        _discard_output()
        click.echo(f"error: cannot write to standard output: {error.strerror or error}", err=True)
        sys.exit(SymdiffError.exit_code)
    except UnicodeEncodeError as error:
        _discard_output()
        letter = error.object[error.start]
        click.echo(
            f"error: standard output is in {error.encoding}, which has no '{letter}'\n"
            "  set PYTHONIOENCODING=utf-8, or PYTHONUTF8=1",
            err=True,
        )
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


# --- verbs that emit -------------------------------------------------------------------------


def _add_emitting(verb: Verb) -> None:
    @group.command(
        verb.name, cls=SourceCommand, help=f"{verb.help} Print the module, or values with --at."
    )
    @options_of(SOURCE, AT, EMIT, *[OF_DERIVATION[name] for name in verb.options])
    @refusing
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
    also: str,
    lean: bool,
    templates: str,
    **source: Any,
) -> None:
    further = _verbs_named(also)
    if further and (at is not None or form != "python"):
        raise SymdiffError("--also is of modules, and no module is printed here")
    from symdiff.emit.targets import target_of
    from symdiff.modules import module

    quiet, verbose = source["quiet"], source["verbose"]
    started = time.perf_counter()
    with progress(quiet) as step:
        base = function_of(**source)
        step("read")
        made = [_derived(base, each, told) for each in (verb, *further)]
        step("derived")
        for function in made:
            _keep_budget(function, max_ratio)
        step("optimised")
        text, whole = "", None
        if at is not None:
            made[0].target, made[0].dtype = target_of(target).name, dtype
            text = values(made[0], at, form)
        else:
            whole = module(*made, target=target, lean=lean, templates=templates, dtype=dtype)
            text = text_of(whole, form)
        step("printed")
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
    else:
        from symdiff.emit.write import write_module, write_whole

        if whole is not None and form == "python":
            write_module(Path(output), whole.emitted)
        else:
            write_whole(Path(output), text if text.endswith("\n") else text + "\n")
    if not quiet:
        for function in made:
            summary(function, time.perf_counter() - started, verbose=verbose)


def _verbs_named(names: str) -> list[Verb]:
    """The verbs of a list with commas."""
    found = []
    for name in filter(None, map(str.strip, names.split(","))):
        if name not in VERBS:
            near = difflib.get_close_matches(name, VERBS, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"the verbs are: {', '.join(VERBS)}"
            raise SymdiffError(f"--also names '{name}', which is no verb", suggestion=hint)
        found.append(VERBS[name])
    return found


def _derived(base: Any, verb: Verb, told: Options) -> Any:
    """What computes a verb of a function, with those options that the verb takes."""
    if not verb.is_derivative:
        return base
    taken = {name: value for name, value in told._asdict().items() if name in verb.options}
    return base.derived(verb, options=Options(**taken))


def _keep_budget(made: Any, max_ratio: float | None) -> None:
    """Refuse a derivative that takes too many operations."""
    ratio = made.ops / max(1, made.optimized_value.ops)
    if max_ratio is not None and ratio > max_ratio:
        raise CheckError(
            f"value and derivative take {made.ops} operations, {ratio:.2f} times the "
            f"value's {made.optimized_value.ops}; --max-ratio allows {max_ratio:g}"
        )


# --- verbs that report -----------------------------------------------------------------------


@group.command(cls=SourceCommand)
@SOURCE
@AT
@TARGET
@click.option(
    "--verb",
    type=click.Choice([verb.name for verb in VERBS.values() if verb.order and verb.is_command]),
    default="grad",
    help="The derivative to compare; default grad.",
)
@click.option("--seed", type=int, default=0, help="Of the random points.")
@refusing
def check(*, at: dict[str, float] | None, target: str, verb: str, seed: int, **source: Any) -> None:
    """Compare the gradient, or another derivative, with finite differences and 50 digits.

    Prints a table; exit code 1 where a derivative disagrees.
    """
    made = _by_target(function_of(**source).derived(VERBS[verb]), target)
    _whole_point(at, made.inputs)
    with bar(source["quiet"]) as progress:
        report = made.check(at=at, seed=seed, progress=progress)
    click.echo(str(report))
    if not report.ok:
        raise SystemExit(CheckError.exit_code)


@group.command(cls=SourceCommand)
@SOURCE
@AT
@TARGET
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text")
@refusing
def compare(*, at: dict[str, float] | None, target: str, form: str, **source: Any) -> None:
    """Measure methods of differentiation side by side on this input.

    Finite differences, complex step, SymPy's diff, diff with cse, this compiler, and PyTorch or
    JAX where they are installed: exactness, operations, evaluations, time.
    """
    made = _by_target(function_of(**source).value_and_grad(), target)
    _whole_point(at, made.inputs)
    report = made.compare(at=at)
    click.echo(json.dumps(report.to_dict(), indent=2) if form == "json" else str(report))


@group.command(cls=SourceCommand)
@SOURCE
@AT
@click.option("--sizes", metavar="N,M", help="Points of a batch, or lengths of named dimensions.")
@click.option("--seconds", type=float, default=10.0, show_default=True, help="For each way.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text")
@click.option("--plot", metavar="FILE", help="Draw the times, as g.svg or g.png.")
@refusing
def bench(
    *,
    at: dict[str, float] | None,
    sizes: str | None,
    seconds: float,
    form: str,
    plot: str | None,
    **source: Any,
) -> None:
    """Time value and gradient by every target and tool that is installed.

    The targets, NumPy, JAX, PyTorch, HIPS autograd, CasADi and SymPy's lambdify, each in a process
    of its own: time to the first result, time of a call at several sizes, operations, memory.
    """
    from symdiff.verify.plots import check_plots

    if plot is not None:
        check_plots()
    if not seconds > 0.0:
        raise SymdiffError("--seconds must be more than 0")
    made = function_of(**source).value_and_grad()
    _whole_point(at, made.inputs)
    with bar(source["quiet"]) as progress:
        report = made.bench(at, _sizes(sizes), seconds, progress)
    if plot is not None:
        report.plot(plot)
    click.echo(json.dumps(report.to_dict(), indent=2) if form == "json" else str(report))


def _sizes(text: str | None) -> list[int]:
    """The numbers of a list with commas; none where there is no list."""
    if text is None:
        return []
    try:
        return [int(part.replace("_", "")) for part in text.split(",")]
    except ValueError:
        sentence = f"--sizes is '{text}', and takes whole numbers"
        raise SymdiffError(sentence, suggestion="write --sizes 1,1000,1000000") from None


@group.command(cls=SourceCommand)
@SOURCE
@AT
@click.option("--mode", type=click.Choice(("reverse", "forward")), default="reverse")
@click.option("--brief", "level", flag_value="brief", help="The walk and the results alone.")
@click.option("--full", "level", flag_value="full", help="Every step, and what optimisation did.")
@click.option("--why-nan", is_flag=True, help="Name the first value that is not finite, alone.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown", "latex", "html", "json")),
    default="text",
)
@click.option("--html", metavar="FILE", help="Write one page that needs no network.")
@refusing
def explain(
    *,
    at: dict[str, float] | None,
    mode: str,
    level: str | None,
    why_nan: bool,
    form: str,
    html: str | None,
    **source: Any,
) -> None:
    """Show the chain rule at work, step by step.

    Values forward, then cotangents backward or tangents forward, and the result beside finite
    differences and 50 digits. Without --at at a point that is chosen and printed.
    """
    if html is not None and (why_nan or level == "brief" or form not in ("text", "html")):
        raise SymdiffError(
            "--html writes the whole page: leave out --brief, --why-nan and --format"
        )
    made = function_of(**source).value_and_grad()
    _whole_point(at, made.inputs)
    found = made.explain(at, mode=mode)
    if html is not None:
        found.write(html)
    elif why_nan:
        click.echo("\n".join(found.notes) or "every value and every cotangent is finite")
    elif form == "json":
        click.echo(json.dumps(json_data(found.to_dict()), indent=2, ensure_ascii=False))
    else:
        columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        click.echo(found.text(level=level or "", form=form, width=columns))


@group.command(cls=SourceCommand)
@SOURCE
@AT
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    help="A file: .svg, .png or .pdf by Graphviz, .mmd for Mermaid, or .dot.",
)
@refusing
def graph(*, at: dict[str, float] | None, output: str | None, **source: Any) -> None:
    """Draw the function and its cotangents as a graph, with values at a point.

    Without -o the graph is printed in Graphviz's language; without --at the point is chosen.
    """
    from symdiff.explain.picture import written

    made = function_of(**source)
    _whole_point(at, made.inputs)
    found = made.picture(at)
    if output is None:
        click.echo(found.dot())
    else:
        from symdiff.emit.write import write_whole

        path = Path(output)
        write_whole(path, written(found, path))


@group.command(cls=SourceCommand)
@SOURCE
@MEASURED
@click.option("--order", type=click.Choice(("1", "2")), default="1", help="2: by Hessians too.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text")
@refusing
def propagate(
    *,
    at: dict[str, tuple[Any, Any]],
    correlation: dict[tuple[str, str], float],
    order: str,
    form: str,
    **source: Any,
) -> None:
    """Propagate the uncertainties of the inputs, and say what each contributes.

    Linearly by the exact derivatives, or with --order 2 by the second ones too.
    """
    from symdiff.neighbours.measured import propagated

    made = function_of(**source)
    _whole_point(at, made.inputs)
    found = propagated(made, at, correlation, int(order))
    data = json_data(found.to_dict()) if form == "json" else None
    click.echo(str(found) if data is None else json.dumps(data, indent=2, ensure_ascii=False))


def _by_target(made: Any, target: str) -> Any:
    """A function that is computed by a target; refused where that has no way to."""
    from symdiff.emit.targets import target_of

    made.target = target_of(target).name
    made.emit()
    return made


def _whole_point(at: dict[str, Any] | None, inputs: tuple[str, ...]) -> None:
    if at is not None:
        refuse_strangers(at, inputs, "--at")
        missing = [name for name in inputs if name not in at]
        if missing:
            raise SymdiffError(f"--at gives no value to {', '.join(missing)}")


@group.command()
@click.argument("file", type=click.Path())
@refusing
def verify(file: str) -> None:
    """Make an emitted module again from its header and compare, byte by byte.

    Exit code 0 where the bytes agree, 1 where they differ, 2 where FILE holds no recipe.
    """
    from symdiff.emit.recipe import read_recipe, why_no_recipe
    from symdiff.modules import reopened

    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise SymdiffError(f"cannot read '{file}': {error.strerror or error}") from None
    text = decoded(data, f"'{file}'")
    recipe = read_recipe(text)
    if not isinstance(recipe, dict):
        raise SymdiffError(f"'{file}' holds no recipe: {why_no_recipe(text)}")
    again = reopened(recipe).emit()
    if again.encode() != data:
        pairs = itertools.zip_longest(text.split("\n"), again.split("\n"))
        line = next(i for i, (old, new) in enumerate(pairs, start=1) if old != new)
        raise CheckError(f"'{file}' differs from what its recipe gives, first in line {line}")
    click.echo(f"{file}: as its recipe gives it")


@group.command()
@click.argument("name", required=False)
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text")
@refusing
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


group.add_command(tour)
for _verb in VERBS.values():
    if _verb.is_command:
        _add_emitting(_verb)
