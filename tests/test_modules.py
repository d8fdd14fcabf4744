"""`sd.module`: several verbs of one function in one file, from Python and the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import symdiff as sd
from symdiff.commands import group
from symdiff.emit.recipe import read_recipe
from symdiff.modules import reopened
from symdiff.verbs import VERBS
from tests.emit.test_self_check import self_checked

TEXT = "x**2*y + sin(x*y)"


def energy(x: Any, c: Any) -> Any:
    return np.sum(c * x**3) + np.sum(x) ** 2


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(group, arguments)
    return done.exit_code, done.stdout, done.stderr


def test_functions_are_those_of_the_modules_of_each() -> None:
    f = sd.function(TEXT)
    verbs = [name for name in VERBS if name != "value"]
    together = sd.module(*[getattr(f, name)() for name in verbs]).load()
    vectors = {"hvp": (0.5, 0.25), "jvp": (0.5, 0.25), "vjp": (2.0,)}
    for name in verbs:
        alone = getattr(f, name)().load()
        given = (1.5, -0.75, *vectors.get(name, ()))
        assert str(getattr(together, name)(*given)) == str(getattr(alone, name)(*given))
    assert together.value(1.5, -0.75) == f(1.5, -0.75)


def test_the_body_of_the_value_is_shared() -> None:
    f = sd.function(TEXT)
    text = sd.module(f.grad(), f.hvp(), f.hessian()).emit()
    assert text.count("def _value(") == text.count("def value(") == 1
    assert self_checked(text).code == 0


@pytest.mark.parametrize("verbs", [("grad", "laplacian"), ("jacobian", "hessian"), ("hvp", "vjp")])
def test_of_arrays(verbs: tuple[str, str]) -> None:
    f = sd.function(energy, shapes={"x": (3,), "c": (3,)})
    made = sd.module(*[getattr(f, name)() for name in verbs])
    assert self_checked(made.emit()).code == 0
    x, c = np.array([1.0, 2.0, 0.5]), np.array([1.0, -1.0, 3.0])
    given = {"hvp": (c,), "vjp": (2.0,)}
    for name in verbs:
        found = getattr(made.load(), name)(x, c, *given.get(name, ()))
        assert str(found) == str(
            getattr(f, name)().load().__dict__[name](x, c, *given.get(name, ()))
        )


def test_two_sparse_matrices() -> None:
    f = sd.function("x: [6]; sum(x[1:]**2*x[:-1])")
    module = sd.module(f.hessian(sparse=True), f.jacobian(sparse=True), f.grad()).load()
    x = np.linspace(1.0, 2.0, 6)
    for name in ("hessian", "jacobian"):
        values, (rows, columns) = getattr(module, name)(x)
        wanted, places = getattr(f, name)(sparse=True)(x)
        np.testing.assert_array_equal(values, wanted)
        np.testing.assert_array_equal((rows, columns), places)


def test_the_recipe_makes_it_again(tmp_path: Path) -> None:
    f = sd.function(energy, shapes={"x": ("N",), "c": ("N",)}, wrt="x, c")
    made = sd.module(f.grad(), f.hvp())
    path = made.write(tmp_path / "g.py")
    assert reopened(read_recipe(path.read_text("utf-8"))).emit() == made.emit()
    assert run("verify", str(path))[:2] == (0, f"{path}: as its recipe gives it\n")
    derived = sd.function("x**3*y").hessian()  # the entries of a matrix keep their shape
    both = sd.module(derived.jacobian(), derived.jvp())
    again = reopened(read_recipe(both.emit()))
    assert again.emit() == both.emit()
    assert again.load().jacobian(2.0, 3.0).shape == (2, 2, 2)


def test_what_repeats_is_left_out() -> None:
    f = sd.function(TEXT)
    assert sd.module(f.grad(), f.value_and_grad(), f).emit() == f.grad().emit()
    assert sd.module(f).emit() == f.emit()


def test_what_does_not_belong_together() -> None:
    f = sd.function(TEXT)
    with pytest.raises(sd.SymdiffError, match="at least one function"):
        sd.module()
    with pytest.raises(sd.SymdiffError, match="derivatives of one function"):
        sd.module(f.grad(), sd.function("x*y").hvp())
    with pytest.raises(sd.SymdiffError, match="derivatives of one function"):
        sd.module(f.grad(), f.grad().jacobian())
    with pytest.raises(sd.SymdiffError, match="by x, y and by x"):
        sd.module(f.grad(), f.hvp("x"))
    with pytest.raises(sd.SymdiffError, match="one jacobian, and two are asked for"):
        sd.module(f.jacobian(), f.jacobian(sparse=True))
    with pytest.raises(sd.UnsupportedError, match="no target 'nunpy'"):
        sd.module(f.grad(), target="nunpy")


def test_lean() -> None:
    f = sd.function("x**2 + y**3")
    text = sd.module(f.grad(), lean=True).emit()
    assert read_recipe(text) is None
    assert "_self_check" not in text
    module = sd.module(f.grad(), f.hvp(), lean=True).load()
    assert module.grad(3.0, 2.0) == (6.0, 12.0)
    assert module.hvp(3.0, 2.0, 1.0, 1.0) == (2.0, 12.0)
    assert run("grad", "x**2 + y**3", "--lean", "-q")[1] == text


def test_the_command_line(tmp_path: Path) -> None:
    f = sd.function(TEXT)
    code, text, errors = run("grad", TEXT, "--also", "hvp, hessian")
    assert (code, text) == (0, sd.module(f.grad(), f.hvp(), f.hessian()).emit())
    assert errors.count("operations: ") == 3
    sparse = sd.module(f.jacobian(sparse=True), f.hvp()).emit()
    assert run("jacobian", TEXT, "--sparse", "--also", "hvp", "-q")[1] == sparse
    code, text, errors = run("grad", TEXT, "--also", "hesian")
    assert (code, text) == (2, "")
    assert "--also names 'hesian', which is no verb" in errors
    assert "did you mean 'hessian'?" in errors
    for further in (("--at", "x=1,y=2"), ("--format", "formula")):
        assert "no module is printed here" in run("grad", TEXT, "--also", "hvp", *further)[2]
    code, _, errors = run("grad", TEXT, "--templates", str(tmp_path / "none"))
    assert code == 2
    assert errors.startswith("error: there is no folder of templates")
    code, _, errors = run("grad", TEXT, "--also", "hessian", "--max-ratio", "1.5")
    assert code == 1
    assert "--max-ratio allows 1.5" in errors
