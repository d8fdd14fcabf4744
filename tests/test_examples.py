"""The examples: each is run as a reader runs it, and what it prints is right."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "examples"
NUMBER = re.compile(r"(?<![\w.*'])-?\d+(?:\.\d*)?(?:e[+-]?\d+)?(?![\w*])")

# numbers that a line of the output holds, by the words that it begins with
PRINTED: dict[str, dict[str, list[float]]] = {
    "composition": {
        "outer:": [48.0],
        "inner:": [4.0],
        "their product:": [192.0],
        "df/dx:": [192.0],
    },
    "finite_differences": {
        "gradient:": [1.06913823, -0.41559817, -0.25648648],
        "finite differences:": [1.06913823, -0.41559817, -0.25648648],
    },
    "half_sum_of_squares": {
        "forward:": [2.0, 4.0, 4.0, 16.0, 20.0, 10.0],
        "backward:": [0.5, 0.5, 2.0, 4.0],
        "symdiff:": [10.0, 2.0, 4.0],
    },
    "stiff_reaction": {"as by differences, to 1e-6:": [1.0]},
    "scipy_adapters": {
        "BFGS:": [1.0] * 6,
        "trust-exact:": [1.0] * 6,
        "Newton-CG:": [1.0] * 6,
        "least squares, dense:": [1.0] * 6,
        "least squares, sparse:": [1.0] * 6,
        "root:": [1.0, 1.0],
        "in the unit disc:": [0.786, 0.618],  # Rosenbrock's least value there, as SciPy's own
    },
    "implicit_root": {
        "free:": [0.75, 0.75],
        "gradient:": [-9.0 / 56.0, 1.0 / 7.0],
        "exact:": [-9.0 / 56.0, 1.0 / 7.0],
        "second derivative:": [-8.0 / 343.0],
        "ridge:": [-0.589542024910084],  # -1'(X'X + k)^-1 w
    },
    "linear_regression": {
        "w =": [1.9231736836595785],
        "b =": [0.22587870467172175],
        "last loss =": [0.008572419887111587],
    },
    "logistic_regression": {"weights:": [2.603899, -3.922574, 0.88144]},
    "mini_batches": {
        "accumulated:": [54.79744202, 18.55109164, 5.71837887, -11.693633988870857],
        "full batch:": [54.79744202, 18.55109164, 5.71837887, -11.693633988870857],
    },
    "rnn_scan": {  # as JAX's lax.scan has them
        "epoch   0:": [0.329158159391],
        "epoch  50:": [0.006575594873],
        "epoch 100:": [0.003845385908],
    },
    "rows_in_chunks": {  # as SciPy finds them by differences
        "weights:": [0.9864, -1.9541, 0.5088, 0.5074],
        "by all rows at once:": [0.9864, -1.9541, 0.5088, 0.5074],
    },
    "second_derivatives": {"function:": [12.0, 12.0], "formula:": [12.0, 12.0]},
    "stop_gradient": {
        "value:": [2.575210382604],
        "the same value, detached:": [2.575210382604],
        "attached:": [-0.05178652, 0.10395811, 0.94782841],
        "detached:": [0.09003057, 0.24472847, 0.66524096],
    },
    "two_layer_network": {
        "step   0:": [1.296622486526],
        "step  10:": [1.209478621095],
        "step 100:": [1.072662409192],
        "step 999:": [0.531855416135],
    },
}

NEEDED = {"rows_in_chunks": ("dask", "zarr")}


def printed(name: str) -> str:
    """What a script prints, which is nothing on standard error."""
    for package in NEEDED.get(name, ()):
        pytest.importorskip(package)
    command = [sys.executable, "-W", "error", str(FOLDER / f"{name}.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_every_example_is_looked_at() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} == set(PRINTED)


@pytest.mark.parametrize("name", PRINTED)
def test_an_example_prints_what_is_right(name: str) -> None:
    lines = printed(name).splitlines()
    for begin, wanted in PRINTED[name].items():
        (line,) = [line for line in lines if line.startswith(begin)]
        numbers = [float(number) for number in NUMBER.findall(line.removeprefix(begin))]
        np.testing.assert_allclose(numbers, wanted, rtol=1e-7, err_msg=line)


@pytest.mark.parametrize("name", PRINTED)
def test_an_example_is_short_and_says_what_it_shows(name: str) -> None:
    text = (FOLDER / f"{name}.py").read_text("utf-8")
    statements = [line for line in text.splitlines() if line.strip()]
    assert ast.get_docstring(ast.parse(text))
    assert len(statements) < 40, "an example is read in one go"


def test_the_gradient_of_logistic_regression_vanishes() -> None:
    (largest,) = re.findall(r"gradient: at most (\S+)", printed("logistic_regression"))
    assert float(largest) < 1e-6


def test_finite_differences_agree() -> None:
    text = printed("finite_differences")
    (apart,) = re.findall(r"apart by at most (\S+)", text)
    assert float(apart) < 1e-8
