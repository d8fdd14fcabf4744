"""Commands that emit: one for each verb of the table."""

from __future__ import annotations

import difflib
import time
from pathlib import Path
from typing import Any

import click

from symdiff.console import progress, summary, text_of, values
from symdiff.derive.options import Options
from symdiff.errors import CheckError, SymdiffError
from symdiff.options import (
    AT,
    EMIT,
    OF_DERIVATION,
    SOURCE,
    SourceCommand,
    options_of,
    refusing,
)
from symdiff.reading import function_of
from symdiff.verbs import VERBS, Verb


def emitting(verb: Verb) -> click.Command:
    """The command of a verb."""

    @click.command(
        verb.name, cls=SourceCommand, help=f"{verb.help} Print the module, or values with --at."
    )
    @options_of(SOURCE, AT, EMIT, *[OF_DERIVATION[name] for name in verb.options])
    @refusing
    def emit(**options: Any) -> None:
        told = Options(**{name: options.pop(name) for name in verb.options})
        _emit(verb, told=told, **options)

    return emit


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
