"""Random graphs of growing size to source text, beside CasADi."""

from __future__ import annotations

import json
import operator
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.measure import Phases, in_process, peak_memory, profile
from benchmarks.options import Options
from benchmarks.random_graph import INPUTS, Tape, play, random_tape
from benchmarks.report import Section, Table, Target, number, seconds

SIZES = (10_000, 100_000)
LARGEST = 1_000_000
_GIB = 2**30
_RUNS = {10_000: 5, 100_000: 3}  # processes for each tool; the largest size once
_NAMES = [f"x{i}" for i in range(INPUTS)]
_REASON = "CasADi's lines are made in C++; where symdiff's time goes is in the profile below."
_BUILD, _GENERATE = "build", "C text"

Found = dict[str, Any]  # JSON: phases and figures of one process


def run(options: Options) -> Section:
    """All sizes, each tool in processes of its own."""
    sizes = (*SIZES, LARGEST) if options.full else SIZES
    found = {size: _measured(size) for size in sizes}
    missing = () if found[sizes[0]][1] else ("casadi",)
    tables = [_phase_table(size, *found[size]) for size in sizes]
    tables.append(_growth(found))
    missed = any(target.is_missed for table in tables for target in table.targets)
    profiles = {}
    if missed or options.profile:
        size = SIZES[-1]
        profiles[f"symdiff, {size:,} operations"] = in_process(__name__, "profile", size)
    about = (
        f"A random expression of {INPUTS} inputs in + - * sin tanh and a/(1.5 + b*b), in which no "
        "line is dead or repeated. symdiff: Builder, gradient, optimisation, text of the "
        "module. CasADi: SX expression from Python, `gradient`, `Function` of both; the C text "
        "of `CodeGenerator` is shown beside it and not counted. Each run is a process of its own; "
        "times are those of one core."
    )
    return Section("Large graphs to source", about, tables, profiles, missing)


def _measured(size: int) -> tuple[Found, Found | None]:
    """Medians of symdiff's and CasADi's figures, the processes interleaved."""
    ours, theirs = [], []
    for _ in range(_RUNS.get(size, 1)):
        ours.append(in_process(__name__, "symdiff", size))
        theirs.append(in_process(__name__, "casadi", size))
    return _median(ours), _median(theirs) if theirs[0] else None


def _median(runs: list[Found]) -> Found:
    """By name, the middle figure."""
    return {name: sorted(run[name] for run in runs)[len(runs) // 2] for name in runs[0]}


# --- tables ------------------------------------------------------------------------------------


def _phase_table(size: int, ours: Found, theirs: Found | None) -> Table:
    rows = [("symdiff", name, seconds(ours[name])) for name in (_BUILD, *_OUR_PHASES)]
    totals = {"symdiff": _totals(ours, _OUR_PHASES)}
    if theirs:
        phases = (_BUILD, *_THEIR_PHASES, _GENERATE)
        rows += [("CasADi", name, seconds(theirs[name])) for name in phases]
        totals["CasADi"] = _totals(theirs, _THEIR_PHASES)
    for tool, (whole, derivative) in totals.items():
        rows.append((tool, "sum", seconds(whole)))
        rows.append((tool, "sum without build", seconds(derivative)))
    ratios = [None, None]
    notes = [f"symdiff's text has {number(ours['characters'] / 1e6)} million characters."]
    if theirs:
        pairs = zip(totals["symdiff"], totals["CasADi"], strict=True)
        ratios = [mine / other for mine, other in pairs]
        notes.append(
            f"The value has {ours['operations']:,} operations in symdiff's graph and "
            f"{theirs['instructions']:,} instructions in CasADi's; with the gradient "
            f"{ours['all_operations']:,} and {theirs['all_instructions']:,}."
        )
    targets = (
        Target(f"symdiff over CasADi, {size:,}, with the build", 1.5, ratios[0], reason=_REASON),
        Target(f"symdiff over CasADi, {size:,}, without it", 1.0, ratios[1], reason=_REASON),
    )
    headings = ("tool", "phase", "time")
    return Table(f"{size:,} operations", headings, rows, targets, tuple(notes))


def _totals(found: Found, phases: tuple[str, ...]) -> tuple[float, float]:
    derivative = sum(found[name] for name in phases)
    return found[_BUILD] + derivative, derivative


def _growth(found: dict[int, tuple[Found, Found | None]]) -> Table:
    """Time and memory for each operation, which stay level where the work is linear."""
    rows, per_operation = [], []
    for size, (ours, theirs) in found.items():
        for tool, figures, phases in (
            ("symdiff", ours, _OUR_PHASES),
            ("CasADi", theirs, _THEIR_PHASES),
        ):
            if figures:
                whole = _totals(figures, phases)[0]
                memory = f"{figures['memory'] / _GIB:.2f} GiB"
                rows.append((tool, f"{size:,}", seconds(whole), seconds(whole / size), memory))
        per_operation.append(_totals(ours, _OUR_PHASES)[0] / size)
    largest, (ours, _) = list(found.items())[-1]
    targets = (
        Target(
            f"Time of an operation at {largest:,} over that at {next(iter(found)):,} (linear)",
            1.5,
            per_operation[-1] / per_operation[0],
        ),
        Target(f"Peak memory in GiB at {largest:,}", 2.0, ours["memory"] / _GIB),
    )
    headings = ("tool", "operations", "time", "for each", "peak memory")
    return Table("Growth", headings, rows, targets)


# --- what runs in a process of its own ------------------------------------------------------------

_OUR_PHASES = ("gradient", "optimise the gradient", "optimise the value", "text")
_THEIR_PHASES = ("gradient", "function")


def build(tape: Tape) -> Any:  # a symdiff Function
    """The tape as a symdiff function."""
    from symdiff.api import Function
    from symdiff.ops.builder import Builder
    from symdiff.ops.rules import EXACT
    from symdiff.origin import Origin
    from symdiff.verbs import VERBS

    builder = Builder(EXACT)
    inputs = [builder.input(name) for name in _NAMES]
    make, square_plus = builder.make, builder.constant(1.5)

    def named(op: str) -> Callable[..., int]:
        return lambda *args: make(op, args)

    def quotient(a: int, b: int) -> int:
        return make("divide", (a, make("add", (square_plus, make("multiply", (b, b))))))

    names = ("add", "subtract", "multiply", "sin", "tanh")
    output = play(tape, inputs, {op: named(op) for op in names} | {"quotient": quotient})
    graph = builder.graph(inputs, [output], ["f"], 1)
    return Function(graph, Origin("", None), VERBS["value"], tuple(_NAMES))


def with_symdiff(tape: Tape) -> Found:
    """Phases of the way to a module's text."""
    import jinja2  # noqa: F401  imports are not counted

    import symdiff.api  # noqa: F401

    phases = Phases()
    function = phases.time(_BUILD, lambda: build(tape))
    derived = phases.time("gradient", function.value_and_grad)
    phases.time("optimise the gradient", lambda: derived.optimized)
    phases.time("optimise the value", lambda: derived.optimized_value)
    text = phases.time("text", derived.emit)
    return phases.seconds | {
        "memory": peak_memory(),
        "characters": len(text),
        "operations": derived.optimized_value.ops,
        "all_operations": derived.ops,
    }


def with_casadi(tape: Tape) -> Found:
    """Phases of the way to a callable function; nothing where CasADi is missing."""
    try:
        import casadi as ca
    except ImportError:
        return {}

    phases = Phases()
    operations = {
        "add": operator.add,
        "subtract": operator.sub,
        "multiply": operator.mul,
        "sin": ca.sin,
        "tanh": ca.tanh,
        "quotient": lambda a, b: a / (1.5 + b * b),
    }
    inputs = [ca.SX.sym(name) for name in _NAMES]
    x = ca.vertcat(*inputs)
    f = phases.time(_BUILD, lambda: play(tape, inputs, operations))
    g = phases.time("gradient", lambda: ca.gradient(f, x))
    both = phases.time("function", lambda: ca.Function("f_g", [x], [f, g]))
    memory = peak_memory()
    phases.time(_GENERATE, lambda: _c_text(both))
    value = ca.Function("f", [x], [f])
    return phases.seconds | {
        "memory": memory,
        "instructions": value.n_instructions(),
        "all_instructions": both.n_instructions(),
    }


def _c_text(function: Any) -> str:
    import casadi as ca

    generator = ca.CodeGenerator("f_g.c")
    generator.add(function)
    text: str = generator.dump()
    return text


def _main(what: str, size: str) -> None:
    tape = random_tape(int(size))
    work: dict[str, Callable[[Tape], object]] = {
        "symdiff": with_symdiff,
        "casadi": with_casadi,
        "profile": lambda tape: profile(lambda: with_symdiff(tape)),
    }
    print(json.dumps(work[what](tape)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
