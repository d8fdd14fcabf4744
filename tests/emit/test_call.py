"""A call of a Function of numbers: the same as its module's, without making the module."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.emit.templates import plain_text

TEXTS = (
    "x**2 + y**3",
    "where(x > 0, sqrt(x)*exp(-y), sin(y)) + maximum(x, y)**2",
    "gamma(x)*lambertw(y) + sinc(x*y)",
    "exp(value*np)*grad + _arrays",
    "*".join(f"a{i}" for i in range(12)),
)
VERBS = ("value_and_grad", "grad", "jacobian", "hessian", "hvp", "jvp", "vjp")


def leaves(found: Any) -> list[Any]:
    return [x for part in found for x in leaves(part)] if type(found) is tuple else [found]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("verb", VERBS)
def test_a_call_gives_what_the_module_gives(text: str, verb: str) -> None:
    made = getattr(sd.function(text), verb)()
    random = np.random.default_rng(0)
    for shape in ((), (3,), (2, 1)):
        point = [random.uniform(0.2, 1.5, shape) for _ in made.inputs]
        point = [x.item() for x in point] if shape == () else point
        called = leaves(made(*point))
        loaded = leaves(getattr(made.load(), verb)(*point))
        for one, other in zip(called, loaded, strict=True):
            assert type(one) is type(other)
            assert np.array_equal(one, other, equal_nan=True)


def test_sparse_matrices_are_called_too() -> None:
    made = sd.function("x**2*y + exp(y*z) + z**3").hessian(sparse=True)
    (entries, places), (wanted, _) = made(1.0, 2.0, 0.5), made.load().hessian(1.0, 2.0, 0.5)
    assert np.array_equal(entries, wanted)
    assert [len(part) for part in places] == [len(entries)] * 2


def test_a_call_makes_no_module_and_loads_no_template_engine() -> None:
    code = (
        "import sys, symdiff as sd; g = sd.function('x**2 + y**3').grad();"
        "print(g(3.0, 2.0), 'jinja2' in sys.modules, '_module' in g.__dict__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(6.0, 12.0) False False"


def test_a_call_on_floats_imports_no_threads_and_one_on_arrays_has_them() -> None:
    code = (
        "import sys, numpy as np, symdiff as sd; g = sd.function('x**2 + y**3').grad();"
        "g(3.0, 2.0); print('concurrent.futures' in sys.modules);"
        "x = np.arange(1e5); dx, dy = g(x, 2.0);"
        "print(np.array_equal(dx, 2*x), dy.shape, 'concurrent.futures' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False", "True (100000,) True"]


@pytest.mark.parametrize("name", ["_arrays", "_elements"])
def test_what_is_called_with_arrays_has_nothing_to_fill_in(name: str) -> None:
    text = plain_text(f"numpy/{name}.py.j2")
    assert not any(sign in text for sign in ("{{", "{%", "{#"))


def test_tracebacks_show_the_lines_of_a_call() -> None:
    with pytest.raises(TypeError, match="real numbers") as caught:
        sd.function("x**2").grad()(1j)
    lines = [str(entry.statement) for entry in caught.traceback]
    assert any("_arrays(_value_and_grad" in line for line in lines)
