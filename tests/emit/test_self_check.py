"""The self-check of emitted modules: right derivatives pass, damaged ones do not."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import symdiff as sd


class Outcome(NamedTuple):
    """What a module's self-check ended with, and what it printed."""

    code: int
    text: str


def self_checked(text: str) -> Outcome:
    """Run a module as a script, in this process."""
    printed, code = io.StringIO(), 0
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(text, "<module>", "exec"), {"__name__": "__main__"})
        except SystemExit as ended:
            code = ended.code  # type: ignore[assignment]
    return Outcome(code, printed.getvalue())


# --- functions ---------------------------------------------------------------------------------


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def logistic(w, X, y, s):
    z = X @ w
    return np.sum(s * (np.log1p(np.exp(z)) - y * z))


def nearly_singular(x):
    return np.sum(np.linalg.solve(np.outer(x, x) + 1e-6 * np.eye(3), x))


def network(W, b, X, Y):
    return np.mean((np.maximum(X @ W + b, 0.0) - Y) ** 2)


VECTOR = {"x": ("N",)}
ARRAYS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "far root": (lambda x: np.sum(np.sqrt(x - 1000.0)), VECTOR, "x"),
    "far log": (lambda x: np.sum(np.log(x - 1e4)), VECTOR, "x"),
    "above one": (lambda x: np.sum(np.arccosh(x)), VECTOR, "x"),
    "below -50": (lambda x: np.sum(np.log(-x - 50.0)), VECTOR, "x"),
    "between": (lambda x: np.sum(np.arcsin(x)), VECTOR, "x"),
    "pole": (lambda x: np.sum(1.0 / (x - 3.0)), VECTOR, "x"),
    "power": (lambda x: np.sum(x**20), VECTOR, "x"),
    "large exponent": (lambda x: np.sum(np.exp(20.0 * x)), VECTOR, "x"),
    "rosenbrock": (rosenbrock, {"x": (6,)}, "x"),
    "logistic": (logistic, {"w": (3,), "X": ("N", 3), "y": ("N",), "s": ("N",)}, "w, s"),
    "nearly singular": (nearly_singular, {"x": (3,)}, "x"),
    "inverse": (lambda A: np.sum(np.linalg.inv(A) ** 2), {"A": (3, 3)}, "A"),
    "factor": (lambda A: np.sum(np.linalg.cholesky(A @ A.T) ** 3), {"A": (3, 3)}, "A"),
    "eigenvalues": (lambda A: np.sum(np.linalg.eigvalsh(A + A.T) ** 3), {"A": (3, 3)}, "A"),
    "network": (network, {"W": (4, 2), "b": (2,), "X": ("N", 4), "Y": ("N", 2)}, "W, b"),
    "kinks": (lambda x: np.sum(np.abs(x) * x + np.maximum(x, 1.0)), VECTOR, "x"),
    "largest": (lambda x: np.max(x) * np.min(x), {"x": (4,)}, "x"),
    "steps": (lambda x: np.sum(np.floor(x) * x), VECTOR, "x"),
    "far branch": (lambda x: np.sum(np.where(x > 1000.0, x**3, 0.0)), VECTOR, "x"),
    "long": (lambda x: x[10] ** 2 * x[0], VECTOR, "x"),
    "cumulative": (lambda x: np.sum(np.cumprod(x)), {"x": (4,)}, "x"),
    "number and array": (lambda x, c: np.sum(np.exp(c * x)) / c, {"x": (3,), "c": ()}, "x, c"),
}
NUMBERS = (
    "sqrt(x - 1000)",
    "log(x - 1e4)*y",
    "arccosh(x)",
    "log(-x - 50)",
    "arcsin(x)*y",
    "1/(x - 3)",
    "x**20",
    "exp(10*x)*y",
    "(1 - x)**2 + 100*(y - x**2)**2",
    "abs(x)*x*y",
    "maximum(x, y)**2",
    "where(x > 0, sqrt(x)*exp(-y), sin(y)) + maximum(x, y)**2",
    "floor(x)*x*y",
    "relu(x) - 0.1*relu(-x)",
    "log(1 + exp(x))*y**2",
    "x**y",
    "sin(1000*x)",
    "(cos(x) - 1)/x**2",
    "x*exp(-x**2)",
    "exp(-1/x**2)",
    "1e8 + x*x - 1e8",
    "6.6e-34*x**2*y",
    "max(x - 1000, 0)**2",
    "where(x > 1000, x**2, 0)",
    "log(x)*log(1 - x)",
    "gamma(x) + erf(y)*y",
    "hypot(x, y)*arctan2(x, y)",
    "sqrt(x)*sqrt(y)*sqrt(z)*sqrt(w)*sqrt(v)",
    "log(x - 5) + log(y - 500) + sqrt(-z - 20)",
    "log(x - 3)*log(5 - x)",
    "S*erf(log(S/K)/(sigma*sqrt(T))) - K*exp(-r*T)",
)
FIRST, SECOND = ("grad", "jvp", "vjp", "jacobian"), ("hvp", "hessian", "laplacian")
VERBS = (*FIRST, *SECOND)


@cache
def emitted(name: str, verb: str, **options: Any) -> str:
    """The module of a function of one of the two tables."""
    if name in ARRAYS:
        function, shapes, wrt = ARRAYS[name]
        made = sd.function(function, shapes=shapes, wrt=wrt)
    else:
        made = sd.function(name)
    text: str = getattr(made, verb)(**options).emit()
    return text


# each function with two of the verbs, such that all verbs come up equally often
TWO_VERBS = [
    (name, VERBS[(number + step) % len(VERBS)])
    for number, name in enumerate((*ARRAYS, *NUMBERS))
    for step in (0, 4)
]


@pytest.mark.parametrize(("name", "verb"), TWO_VERBS)
def test_right_derivatives_pass(name: str, verb: str) -> None:
    found = self_checked(emitted(name, verb))
    assert found.code == 0, found.text
    for line in found.text.splitlines():
        assert line.startswith(f"{verb} by ")
        count = int(line.split(": ")[1].split(" points compared")[0])
        assert count >= 6


# --- damages -----------------------------------------------------------------------------------

# what is done to the numbers that a verb gives, as one vector x
DAMAGES = {
    "sign": "x[k] = -x[k]",
    "factor": "x[k] = 2.0 * x[k]",
    "exchanged": "j = np.abs(x - x[k]).argmax(); x[[j, k]] = x[[k, j]]",
    "dropped": "x[k] = 0.0",
    "small": "x[k] = 1.0001 * x[k]",
    "not a number": "x[k] = np.nan",
}
WRAPPED = """
_right = {verb}

def _listed(found):
    return [x for part in found for x in _listed(part)] if type(found) is tuple else [found]

def _refilled(found, x):
    if type(found) is tuple:
        return tuple([_refilled(part, x) for part in found])
    return np.array([x.pop(0) for _ in range(np.size(found))]).reshape(np.shape(found))[()]

def {verb}(*args):
    found = _right(*args)
    part = {part}
    x = np.concatenate([np.ravel(a) for a in _listed(part)]).astype(float)
    k = np.abs(x).argmax()
    {damage}
    part = _refilled(part, list(x))
    return {whole}

"""
PARTS = {"jvp": ("found[1]", "(found[0], part)"), "vjp": ("found[1]", "(found[0], part)")}


def damaged(text: str, verb: str, damage: str, part: str = "found", whole: str = "part") -> str:
    """The module with one number of what the verb gives damaged."""
    part, whole = PARTS.get(verb, (part, whole))
    wrapped = WRAPPED.format(verb=verb, damage=damage, part=part, whole=whole)
    head, main, tail = text.rpartition("if __name__")
    assert main
    return head + wrapped + main + tail


LINEAR = ("steps", "relu(x) - 0.1*relu(-x)")  # their second derivatives are 0, damaged or not
HARMONIC = ("largest", "floor(x)*x*y")  # linear in each number
PAIRS = [(verb, damage) for damage in DAMAGES for verb in VERBS]
DAMAGED = [
    (name, *pair)
    for number, name in enumerate((*ARRAYS, *NUMBERS))
    for pair in PAIRS[number % 5 :: 5]  # 5 has no factor with 6 and 7: all verbs, all damages
    if not (name in LINEAR and pair[0] in SECOND)
    if not (name in HARMONIC and pair[0] == "laplacian")
]


@pytest.mark.spread(2)
@pytest.mark.parametrize(("name", "verb", "damage"), DAMAGED)
def test_damages_are_found(name: str, verb: str, damage: str) -> None:
    text = emitted(name, verb)
    if damage == "exchanged" and (
        verb in ("jvp", "laplacian") or ('WRT = ("x",)' in text and name in NUMBERS)
    ):
        pytest.skip("one number cannot be exchanged")
    found = self_checked(damaged(text, verb, DAMAGES[damage]))
    assert found.code == 1, found.text
    assert "WRONG" in found.text or damage == "not a number", found.text


@pytest.mark.parametrize("damage", ["", *DAMAGES])
@pytest.mark.parametrize("verb", ["jacobian", "hessian"])
@pytest.mark.parametrize("of_arrays", [False, True])
def test_sparse_derivatives(verb: str, damage: str, of_arrays: bool) -> None:
    if of_arrays:
        made = sd.function(rosenbrock, shapes={"x": (6,)})
        made = made if verb == "hessian" else made.grad()
    else:
        made = sd.function("x**2*y + exp(y*z) + z**3" if verb == "hessian" else "(x*y, sin(y)*z)")
    text = getattr(made, verb)(sparse=True).emit()
    if damage:
        text = damaged(text, verb, DAMAGES[damage], "found[0]", "(part, found[1])")
    found = self_checked(text)
    assert found.code == (1 if damage else 0), found.text


def test_damaged_entries_far_from_the_start_are_found() -> None:
    """Of sixty inputs, in sixteen groups: each is moved."""
    made = sd.function(" + ".join(f"sin({i}*a{i})" for i in range(1, 61)))
    text = made.grad().emit()
    assert self_checked(text).code == 0
    assert len(self_checked(text).text.splitlines()) == 16
    for k in (0, 17, 59):
        assert self_checked(damaged(text, "grad", f"x[{k}] = 1.0001 * x[{k}]")).code == 1


# --- what cannot be compared, or is excused ------------------------------------------------------


@pytest.mark.parametrize("name", ["log(-1 - x**2)", "sqrt(x - 5)*sqrt(3 - x)"])
@pytest.mark.parametrize("verb", VERBS)
def test_nothing_compared_is_a_failure_that_says_so(name: str, verb: str) -> None:
    found = self_checked(emitted(name, verb))
    assert found.code == 1
    assert found.text.startswith(f"{verb} by x: 0 points compared, not finite")


def test_nothing_compared_of_arrays() -> None:
    made = sd.function(lambda x: np.sum(np.sqrt(-1.0 - x * x)), shapes=VECTOR)
    assert self_checked(made.grad().emit()).code == 1


def guarded(x):
    if x[0] < 5.0:
        raise RuntimeError("too small")
    return np.sum(np.log(x))


def test_points_where_the_function_raises_are_drawn_again() -> None:
    text = sd.function(guarded, shapes={"x": (3,)}).grad().emit()
    assert self_checked(text).code == 0, self_checked(text).text
    assert self_checked(damaged(text, "grad", DAMAGES["small"])).code == 1


def test_comparisons_as_numbers_have_kinks() -> None:
    """The central difference at a kink is the mean of two slopes, of which a convention is one."""
    assert self_checked(emitted("(x > 1)*(x - 1)", "grad")).code == 0


def test_constant_functions_are_compared() -> None:
    for name in ("floor(x)", "3.0 + 0*x"):
        assert self_checked(emitted(name, "grad")).code == 0
        assert self_checked(damaged(emitted(name, "grad"), "grad", "x[k] = 1.0")).code == 1


def test_whole_numbers_and_truths_are_drawn() -> None:
    source = "w: [3]; i: int [4]; m: bool [4]; sum(where(m, w[i], 0.5)**2)"
    made = sd.function(source, wrt="w")
    text = made.grad().emit()
    assert self_checked(text).code == 0, self_checked(text).text
    assert self_checked(damaged(text, "grad", DAMAGES["small"])).code == 1


def test_a_stopped_gradient_is_excused_where_it_stops() -> None:
    made = sd.function(
        lambda x, y: np.sum(x**2 * sd.stop_gradient(y**2)),
        shapes={"x": (3,), "y": (3,)},
        wrt="x, y",
    )
    for verb in VERBS:
        found = self_checked(getattr(made, verb)().emit())
        assert found.code == 0, found.text
        assert "which may be right: stop_gradient" in found.text
    text = made.grad().emit()
    assert self_checked(damaged(text, "grad", "x[0] = 1.0001 * x[0]")).code == 1  # by x
    assert self_checked(damaged(text, "grad", "x[3] = np.nan")).code == 1


def test_the_text_is_the_same_at_every_run_and_short(tmp_path: Path) -> None:
    text = sd.function("x**2 + y**3").grad().emit()
    assert len(text.splitlines()) <= 130
    assert self_checked(text) == self_checked(text)
    path = tmp_path / "g.py"
    path.write_text(text)
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (*self_checked(text), "")


def test_a_name_of_the_self_check_is_an_input() -> None:
    made = sd.function("good*draw + compare**2*rng*value + flat*u*w*point*trial*size")
    assert self_checked(made.grad().emit()).code == 0


def test_numbers_are_moved_as_floats() -> None:
    """A body is quickest for floats: 27 values a point, and 400 points of a second derivative 0."""
    module = sd.function("+".join(f"x{i}" for i in range(12))).hessian().load()
    arrays, blocks = module._arrays, []

    def counted(*args: Any) -> Any:
        blocks.append(1)
        return arrays(*args)

    module.__dict__["_arrays"] = counted
    assert module._self_check() == 0
    assert len(blocks) < 12 * 800  # the hessian at half of the points; it was over 100,000
