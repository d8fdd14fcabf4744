"""Golden files: whole emitted modules, read by people and compared as text and by number.

After a deliberate change of the printed text, write them anew and read the difference:

    SYMDIFF_GOLDEN=write python -m pytest tests/emit/test_golden.py
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.api import Function
from symdiff.emit.load import load_source
from tests.emit.golden_functions import cross_entropy, energy, heat, network
from tests.emit.golden_loops import lorenz, lstm

FOLDER = Path(__file__).parents[1] / "golden"

BLACK_SCHOLES = """# the price of a European call
S: float; K: float; T: float; r: float; sigma: float
d1 = (log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(T))
d2 = d1 - sigma*sqrt(T)
cdf1 = (1 + tanh(0.79788456*(d1 + 0.044715*d1**3)))/2
cdf2 = (1 + tanh(0.79788456*(d2 + 0.044715*d2**3)))/2
price = S*cdf1 - K*exp(-r*T)*cdf2
"""


def black_scholes(s: float, k: float, t: float, r: float, sigma: float) -> float:
    """The same by hand."""
    d1 = (math.log(s / k) + (r + sigma**2 / 2) * t) / (sigma * math.sqrt(t))
    d2 = d1 - sigma * math.sqrt(t)
    cdf1, cdf2 = ((1 + math.tanh(0.79788456 * (d + 0.044715 * d**3))) / 2 for d in (d1, d2))
    return s * cdf1 - k * math.exp(-r * t) * cdf2


@dataclass(frozen=True)
class Golden:
    """One file: what it is made of, and the function by hand."""

    name: str
    function: Callable[[], Function]
    by_hand: Callable[..., float]
    points: tuple[tuple[float, ...], ...]


GOLDEN = (
    Golden(
        "polynomial",
        lambda: sd.function("x**2+y**3").grad(),
        lambda x, y: x**2 + y**3,
        ((3.0, 2.0), (-1.0, 0.5)),
    ),
    Golden(
        "piecewise",
        lambda: sd.function("where(x > 0, log(x), -x**2) + abs(x)").grad(),
        lambda x: (math.log(x) if x > 0 else -(x**2)) + abs(x),
        ((2.0,), (-1.5,)),
    ),
    Golden(
        "black_scholes",
        lambda: sd.function(BLACK_SCHOLES).grad(),
        black_scholes,
        ((100.0, 95.0, 0.5, 0.02, 0.25), (80.0, 100.0, 2.0, 0.01, 0.4)),
    ),
    Golden(
        "special",
        lambda: sd.function("x*erf(x/sqrt(2)) + loggamma(x)").grad(),
        lambda x: x * math.erf(x / math.sqrt(2)) + math.lgamma(x),
        ((0.7,), (3.0,)),
    ),
    Golden(
        "single_wrt",
        lambda: sd.function("amplitude*exp(-rate*t)*cos(t)", name="signal").grad("rate"),
        lambda amplitude, rate, t: amplitude * math.exp(-rate * t) * math.cos(t),
        ((2.0, 0.5, 1.0),),
    ),
    Golden(
        "value",
        lambda: sd.function("s = x + y; return s*s, log(1 + exp(s))"),
        lambda x, y: ((x + y) ** 2, math.log(1 + math.exp(x + y))),  # type: ignore[return-value]
        ((0.3, 0.4),),
    ),
)

# --- functions of arrays -----------------------------------------------------------------------

REGRESSION = "X: [N, 10]; w: [10]; y: [N]; mean((X @ w - y)**2)"

CLASSIFIER = """# softmax cross-entropy of labels 0, 1, 2
W: [4, 3]; b: [3]; X: [N, 4]; labels: int [N]
scores = X @ W + b
shifted = scores - max(scores, axis=1, keepdims=True)
log_total = log(sum(exp(shifted), axis=1))
loss = mean(log_total - shifted[arange(N), labels])
"""


@dataclass(frozen=True)
class ArrayGolden:
    """One file of a function of arrays, and the shapes that it is tried with."""

    name: str
    function: Callable[[], Function]
    by_hand: Callable[..., Any]
    shapes: dict[str, tuple[int, ...]]


NETWORK = {"W1": (10, 20), "b1": (20,), "W2": (20, 1), "b2": (1,)}

LSTM = {"W": (12, 3), "U": (12, 2), "b": (12,), "xs": (20, 2), "target": (20, 3)}

ARRAYS = (
    ArrayGolden(
        "two_layer_network",
        lambda: sd.function(
            network, shapes={**NETWORK, "X": ("N", 10), "y": ("N", 1)}, name="loss"
        ).grad(tuple(NETWORK)),
        network,
        {**NETWORK, "X": (7, 10), "y": (7, 1)},
    ),
    ArrayGolden(
        "linear_regression",
        lambda: sd.function(REGRESSION, name="loss").grad("w"),
        lambda X, w, y: np.mean((X @ w - y) ** 2),
        {"X": (7, 10), "w": (10,), "y": (7,)},
    ),
    ArrayGolden(
        "writes_and_views",
        lambda: sd.function(heat, shapes={"u": (6,)}, wrt=("u", "k")).grad(),
        heat,
        {"u": (6,), "k": ()},
    ),
    ArrayGolden(
        "batch",
        lambda: sd.function(
            energy, shapes={"A": (3, 3), "x": (3,)}, wrt=("A", "x"), batch=True
        ).grad(),
        energy,
        {"A": (3, 3), "x": (3,)},
    ),
    ArrayGolden(
        "labels",
        lambda: sd.function(CLASSIFIER).grad("W, b"),
        cross_entropy,
        {"W": (4, 3), "b": (3,), "X": (5, 4), "labels": (5,)},
    ),
    ArrayGolden(
        "lstm",
        lambda: sd.function(lstm, shapes=LSTM, wrt=("W", "U", "b")).grad(),
        lstm,
        LSTM,
    ),
    ArrayGolden(
        "lorenz",
        lambda: sd.function(
            lorenz, shapes={"start": (3,), "rate": ()}, wrt=("start", "rate")
        ).grad(),
        lorenz,
        {"start": (3,), "rate": ()},
    ),
)

every_file = pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
every_text = pytest.mark.parametrize("golden", [*GOLDEN, *ARRAYS], ids=lambda golden: golden.name)
every_array_file = pytest.mark.parametrize("golden", ARRAYS, ids=lambda golden: golden.name)


@every_text
def test_text_is_the_file(golden: Golden | ArrayGolden) -> None:
    path = FOLDER / f"{golden.name}.py"
    text = golden.function().emit()
    if os.environ.get("SYMDIFF_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"see the head of {Path(__file__).name}"


def test_every_file_is_tried() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} == {
        golden.name for golden in (*GOLDEN, *ARRAYS)
    }


@every_text
def test_file_checks_itself(golden: Golden | ArrayGolden) -> None:
    command = [sys.executable, "-W", "error", str(FOLDER / f"{golden.name}.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def slope(function: Callable[..., float], point: list[float], index: int) -> float:
    """A central difference, extrapolated once: good to about ten digits."""

    def difference(h: float) -> float:
        up, down = list(point), list(point)
        up[index] += h
        down[index] -= h
        return (function(*up) - function(*down)) / (2 * h)

    return (4 * difference(5e-4) - difference(1e-3)) / 3


@every_file
def test_file_computes_the_function(golden: Golden) -> None:
    module: Any = load_source((FOLDER / f"{golden.name}.py").read_text("utf-8"), golden.name)
    for point in golden.points:
        assert module.value(*point) == pytest.approx(golden.by_hand(*point), rel=1e-14)
        columns = [np.full(3, x) for x in point]
        assert np.allclose(module.value(*columns), np.c_[[module.value(*point)]].T, rtol=1e-15)
        if len(module.OUTPUTS) > 1:
            continue
        value, gradient = module.value_and_grad(*point)
        assert value == module.value(*point)
        for name, got in zip(
            module.WRT, gradient if len(module.WRT) > 1 else [gradient], strict=True
        ):
            wanted = slope(golden.by_hand, list(point), module.INPUTS.index(name))
            assert got == pytest.approx(wanted, rel=1e-8, abs=1e-8)


def drawn(golden: ArrayGolden) -> dict[str, Any]:
    random = np.random.default_rng(1)
    found: dict[str, Any] = {
        name: random.normal(size=shape) for name, shape in golden.shapes.items()
    }
    if "labels" in found:
        found["labels"] = random.integers(0, 3, golden.shapes["labels"])
    return found


@every_array_file
def test_array_file_computes_the_function(golden: ArrayGolden) -> None:
    module: Any = load_source((FOLDER / f"{golden.name}.py").read_text("utf-8"), golden.name)
    point = drawn(golden)
    assert tuple(point) == module.INPUTS
    value, gradient = module.value_and_grad(**point)
    assert value == module.value(**point) == pytest.approx(golden.by_hand(**point), rel=1e-13)
    parts = gradient if len(module.WRT) > 1 else (gradient,)
    for name, part in zip(module.WRT, parts, strict=True):
        assert part.shape == golden.shapes[name]
        for index in np.ndindex(part.shape):

            def moved(x: float, name: str = name, index: tuple[int, ...] = index) -> Any:
                array = np.array(point[name])
                array[index] = x
                return golden.by_hand(**{**point, name: array})

            wanted = slope(moved, [np.asarray(point[name])[index]], 0)
            assert part[index] == pytest.approx(wanted, rel=1e-7, abs=1e-8)
