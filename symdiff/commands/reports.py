"""Commands that report: what a derivative is compared with, how long it takes, how it is made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from symdiff.console import bar, json_data, refuse_strangers, screen
from symdiff.errors import CheckError, SymdiffError
from symdiff.options import (
    AT,
    MEASURED,
    SOURCE,
    TARGET,
    SourceCommand,
    refusing,
)
from symdiff.reading import function_of
from symdiff.verbs import VERBS


@click.command(cls=SourceCommand)
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
    click.echo(report.text(screen()))
    if not report.ok:
        raise SystemExit(CheckError.exit_code)


@click.command(cls=SourceCommand)
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
    click.echo(json.dumps(report.to_dict(), indent=2) if form == "json" else report.text(screen()))


@click.command(cls=SourceCommand)
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
    click.echo(json.dumps(report.to_dict(), indent=2) if form == "json" else report.text(screen()))


def _sizes(text: str | None) -> list[int]:
    """The numbers of a list with commas; none where there is no list."""
    if text is None:
        return []
    try:
        return [int(part.replace("_", "")) for part in text.split(",")]
    except ValueError:
        sentence = f"--sizes is '{text}', and takes whole numbers"
        raise SymdiffError(sentence, suggestion="write --sizes 1,1000,1000000") from None


@click.command(cls=SourceCommand)
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
    made = function_of(**source)
    _whole_point(at, made.inputs)
    found = made.explain(at, mode=mode)
    if html is not None:
        found.write(html)
    elif why_nan:
        click.echo("\n".join(found.notes) or "every value and every cotangent is finite")
    elif form == "json":
        data = json_data(found.to_dict(level=level or ""))
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        click.echo(found.text(level=level or "", form=form, screen=screen()))


@click.command(cls=SourceCommand)
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


@click.command(cls=SourceCommand)
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
    if form == "json":
        click.echo(json.dumps(json_data(found.to_dict()), indent=2, ensure_ascii=False))
    else:
        click.echo(found.text(screen()))


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


@click.command()
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
