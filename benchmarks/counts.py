"""Operations of a value and of a value with its gradient. Nothing is timed."""

from __future__ import annotations

import symdiff as sd
from benchmarks.option import PROGRAM
from benchmarks.options import Options
from benchmarks.report import Section, Table, Target, number

_PRODUCTS = (10, 100, 1000)
_MAPS = (5, 20, 100)
_ROSENBROCK = 1000
FORMULAS = {
    "polynomial": "3*x**4 - 2*x**3 + x**2 - 7*x + 1",
    "norm": "sqrt(x**2 + y**2 + z**2)",
    "Gauss": "exp(-((x - m)/s)**2/2)/(s*sqrt(2*pi))",
    "logistic loss": "log(1 + exp(-t*(a*x + b)))",
    "softmax of three": "exp(x)/(exp(x) + exp(y) + exp(z))",
    "neuron": "tanh(w1*x1 + w2*x2 + w3*x3 + b)",
    "Lennard-Jones": "4*eps*((s/r)**12 - (s/r)**6)",
    "Morse": "d*(1 - exp(-a*(r - r0)))**2",
    "Branin": "(y - 5.1/(4*pi**2)*x**2 + 5/pi*x - 6)**2 + 10*(1 - 1/(8*pi))*cos(x) + 10",
    "Ackley": "-20*exp(-0.2*sqrt((x**2 + y**2)/2)) - exp((cos(2*pi*x) + cos(2*pi*y))/2) + 20 + e",
    "ratio of sums": "(a + b*x + c*x**2)/(1 + p*x + q*x**2)",
    "Kepler": "E_ - ecc*sin(E_) - M",
    "Huber": "where(abs(x - m) < d, (x - m)**2/2, d*(abs(x - m) - d/2))",
    "option price": PROGRAM,
}


def run(_: Options) -> Section:
    """Three families with bounds, and common formulas."""
    about = (
        "Operations of one evaluation as emitted, from `Function.ops`: every line that computes."
    )
    tables = [_products(), _logistic_maps(), _rosenbrock(), _formulas()]
    return Section("Operations", about, tables)


def counts(text: str) -> tuple[int, int]:
    """The operations of the value, and of the value with its gradient."""
    function = sd.function(text).value_and_grad()
    return function.optimized_value.ops, function.ops


def _products() -> Table:
    rows, targets = [], []
    for n in _PRODUCTS:
        value, both = counts("*".join(f"x{i}" for i in range(n)))
        rows.append(_row(f"n = {n}", value, both))
        targets.append(Target(f"Added by the gradient, n = {n} (3n - 6)", 3 * n - 6, both - value))
    return Table("Product of n inputs", _HEADINGS, rows, tuple(targets))


def _logistic_maps() -> Table:
    rows, targets = [], []
    for n in _MAPS:
        steps = "".join(f"l{i + 1} = 4*l{i}*(1 - l{i})\n" for i in range(1, n))
        value, both = counts(f"l1 = x\n{steps}l{n}")
        rows.append(_row(f"n = {n}", value, both))
        targets.append(Target(f"Value and gradient, n = {n} (6(n-1) + 8)", 6 * (n - 1) + 8, both))
    return Table("Logistic map, l(n+1) = 4 l(n) (1 - l(n))", _HEADINGS, rows, tuple(targets))


def _rosenbrock() -> Table:
    terms = (f"100*(x{i + 1} - x{i}**2)**2 + (1 - x{i})**2" for i in range(_ROSENBROCK - 1))
    value, both = counts(" + ".join(terms))
    target = Target(
        "Added by the gradient over the value's (FastDifferentiation.jl reports 1.13)",
        1.2,
        (both - value) / value,
    )
    rows = [_row(f"n = {_ROSENBROCK}", value, both)]
    return Table("Rosenbrock", _HEADINGS, rows, (target,))


def _formulas() -> Table:
    rows = [_row(name, *counts(text)) for name, text in FORMULAS.items()]
    worst = max((float(row[-1]), row[0]) for row in rows)
    note = f"No target; reverse mode's bound is about 5. The largest ratio is {worst[1]}'s."
    return Table("Common formulas", _HEADINGS, rows, notes=(note,))


_HEADINGS = ("function", "value", "with gradient", "added", "ratio")


def _row(name: str, value: int, both: int) -> tuple[str, ...]:
    return (name, f"{value:,}", f"{both:,}", f"{both - value:,}", number(both / value))
