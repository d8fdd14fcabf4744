"""Emitted text is Python, whatever the names are and how many there are."""

from __future__ import annotations

import builtins
import keyword
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import symdiff as sd
from symdiff.api import Function, from_recipe
from symdiff.emit import module as emission
from symdiff.emit.layout import WIDTH
from symdiff.emit.recipe import read_recipe
from symdiff.emit.spell.base import UNARY
from symdiff.emit.writers import named, prefix
from symdiff.errors import EmissionError, ParseError
from tests.emit.compilers import compiled as by_compiler
from tests.programs.oracle import program, weighted
from tests.strategies import examples

TEMPLATES = Path(__file__).parents[2] / "templates" / "numpy"
# what the modules themselves look up, and what a body has of its own
OWN = sorted(
    {word for file in TEMPLATES.iterdir() for word in re.findall(r"[^\W\d]\w*", file.read_text())}
    | {*dir(builtins), *keyword.kwlist}
    | set("v v2 u w i j inf nan where sqrt log power math special PARTS SEEDS seeds part1".split())
)
LETTERS = "abcdxyzABC_089αβθμΩшé变"
words = st.text(LETTERS, min_size=1, max_size=40).filter(str.isidentifier)
endings = st.sampled_from(["", "", "_", "2", "_2", "_dot", "_bar", "s", "_history"])
own_words = st.builds(str.__add__, st.sampled_from(OWN), endings)
names = st.one_of(words, own_words).filter(
    lambda name: name[:2] != "__" and len(name) <= 40 and name not in ("None", "True", "False")
)
counts = st.one_of(st.integers(1, 5), st.sampled_from([8, 9, 20, 40]))
SCALAR = [
    "sin({a})*{b}", "exp(-abs({a}))", "where({a} > {b}, {a}*{b}, -{b})", "max({a}, {b}, 0.1)",
    "sqrt(1 + {a}**2)", "erf({a})", "{a}**1.5/(2 + {b}**2)", "hypot({a}, {b})", "{a}", "2*{b}",
]  # fmt: skip
ARRAYS = [
    "sin({a})*{b}", "where({a} > 0, {a}, 0.5*{b})", "maximum({a}, {b})", "cumsum({a})*{b}",
    "{a}[::-1] + {b}", "sort({a})", "{a}*sum({b})", "{a}", "{b}**2", "softmax({a}) + {b}",
]  # fmt: skip


def _listed(draw: Any, least: int = 1) -> list[str]:
    count = max(draw(counts), least)
    return draw(st.lists(names, min_size=count, max_size=count, unique=True))


def _sum(draw: Any, inputs: list[str], terms: list[str]) -> str:
    """A sum that every input enters."""
    pairs = zip(inputs, [*inputs[1:], inputs[0]], strict=True)
    return " + ".join(draw(st.sampled_from(terms)).format(a=a, b=b) for a, b in pairs)


def _function(text: str, **options: Any) -> Function:
    try:
        return sd.function(text, **options)
    except ParseError:  # a keyword where the grammar has one of its own
        assume(False)
        raise


@st.composite
def functions(draw: Any) -> tuple[Function, bool]:
    """A function of numbers or of arrays, and whether its result is one number."""
    inputs, outputs = _listed(draw), _listed(draw)
    assume(not set(inputs) & set(outputs))
    if draw(st.booleans()):
        lines = [f"{name}: float" for name in inputs]
        lines.append(f"{outputs[0]} = {_sum(draw, inputs, SCALAR)}")
        lines += [f"{name} = {_sum(draw, inputs[:2], SCALAR)}" for name in outputs[1:]]
        lines.append(f"return {', '.join(outputs)}")
        return _function("\n".join(lines)), len(outputs) == 1
    length = draw(st.one_of(st.just("3"), names))
    assume(length not in (*inputs, *outputs, "int", "bool", "float"))
    lines = [f"{name}: [{length}]" for name in inputs]
    is_number = draw(st.booleans())
    total = _sum(draw, inputs, ARRAYS)
    lines.append(f"{outputs[0]} = {f'sum({total})' if is_number else total}")
    return _function("\n".join(lines), batch=draw(st.booleans())), is_number


def _derived(draw: Any, function: Function, is_number: bool) -> Function:
    verbs = ["value", "jvp", "vjp", "jacobian"]
    verbs += ["grad", "value_and_grad", "hessian", "hvp"] * is_number
    verb = draw(st.sampled_from(verbs))
    if verb == "value":
        return function
    wrt = draw(st.lists(st.sampled_from(function.inputs), min_size=1, max_size=3, unique=True))
    chosen = tuple(wrt) if draw(st.booleans()) else None
    if verb in ("jacobian", "hessian") and draw(st.booleans()):
        try:
            return getattr(function, verb)(wrt=chosen, sparse=True)
        except sd.UnsupportedError:
            pass
    made: Function = getattr(function, verb)(wrt=chosen)
    return made


def _point(made: Function) -> list[Any]:
    lengths = [[3 if isinstance(n, str) else n for n in shape] for shape in made.shapes.values()]
    random = np.random.default_rng(0)
    return [random.uniform(0.2, 1.5, shape) if shape else 0.7 for shape in lengths]


def _flat(found: Any) -> list[Any]:
    if isinstance(found, tuple | list):
        return [part for item in found for part in _flat(item)]
    return [found]


def _check(text: str, verb: str, point: list[Any]) -> None:
    """The text fits the lines, runs, and is what its recipe gives."""
    long = [line for line in text.split("\n") if len(line) > WIDTH]
    assert not [line for line in long if len(line.split()) > 3]  # else a name is as long as that
    module: dict[str, Any] = {"__name__": "module"}
    exec(compile(text, "<module>", "exec"), module)
    found = _flat(module[verb](*point))
    assert all(np.all(np.isfinite(part)) for part in found)
    if verb in ("grad", "value_and_grad") and list(module["WRT"]) == list(module["INPUTS"]):
        theta = module["pack"](*point)
        value, _ = module["packed_value_and_grad"](theta)
        assert value == pytest.approx(module["value"](*point), nan_ok=True)
    assert from_recipe(read_recipe(text)).emit() == text


@examples(60)
@given(functions(), st.data())
def test_text_runs(given_function: tuple[Function, bool], data: st.DataObject) -> None:
    function, is_number = given_function
    made = _derived(data.draw, function, is_number)
    _check(made.emit(), made.verb.name, _point(made))


@examples(10)
@given(st.lists(words.filter(lambda n: n not in ("np", "sd")), min_size=5, max_size=5, unique=True))
def test_text_of_a_loop_runs(found: list[str]) -> None:
    function, w, h, xs, state = found
    text = f"""
def {function}({w}, {h}, {xs}):
    def step({state}, x):
        {state} = np.tanh({w} @ {state} + x)
        return {state}, {state}*x
    last, {h} = sd.scan(step, {h}, {xs})
    return np.sum(last**2) + np.sum({h})
"""
    scope: dict[str, Any] = {"np": np, "sd": sd}
    exec(text, scope)
    traced = sd.function(scope[function], shapes={w: (2, 2), h: (2,), xs: (4, 2)})
    for made in (traced.grad(), traced.hvp(), traced.value_and_grad((w, h, xs))):
        _check(made.emit(), made.verb.name, _point(made))


@pytest.mark.parametrize(
    "text", ["x**x", "exp(-x**4)*sin(x)/(1 + exp(x))**2", "where(x>1, x, x**3)"]
)
def test_matrix_of_one_entry(text: str) -> None:
    for made in (sd.function(text).hessian(), sd.function(text).jacobian()):
        _check(made.emit(), made.verb.name, [1.3])
        assert np.shape(made(1.3)) == (1, 1)
        assert np.shape(made(np.array([1.3, 1.4]))) == (2, 1, 1)


def test_names_of_the_module_itself() -> None:
    """An input called `pack` in a module that has no function of this name."""
    text = "pack + unpack*value_and_grad + _VALUE_ON_ARRAYS**2 + _value_and_grad"
    made = sd.function(text).hessian()
    _check(made.emit(), "hessian", [1.0] * 5)
    assert made(*[1.0] * 5).sum() == 4.0


def test_keyword_beside_the_name_that_stands_for_it() -> None:
    made = sd.function("async: float; async_: float; del = async*async_; return del").vjp()
    assert made(2.0, 3.0, 1.0) == (6.0, (3.0, 2.0))


def test_matrix_without_entries() -> None:
    """No entry has the shape of the batch; the matrix has."""
    linear = sd.function("+".join(f"x{k}" for k in range(9)))
    batch = [np.array([1.0, 2.0]), *[1.0] * 8]
    assert np.array_equal(linear.hessian()(*batch), np.zeros((2, 9, 9)))
    entries, _ = linear.hessian(sparse=True)(*batch)
    assert entries.shape == (2, 0)


def test_file_of_a_strange_name(tmp_path: Path) -> None:
    """A file's name is quoted in a docstring: it cannot end it."""
    file = tmp_path / 'a"""\nimport os\\N.py'
    text = "import numpy as np\ndef f(x):\n    return np.sum(x * x)\n"
    file.write_text(text, encoding="utf-8")
    scope: dict[str, Any] = {}
    exec(compile(text, str(file), "exec"), scope)
    made = sd.function(scope["f"], shapes={"x": (3,)}).grad()
    _check(made.emit(), "grad", [np.ones(3)])
    assert "\nimport os" not in made.emit()


def test_text_that_is_no_python_is_our_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is written or loaded, and the message says whose fault it is."""
    monkeypatch.setattr(
        emission, "fitted", lambda text: text.replace("def grad(x: Real)", "def grad(x: Real")
    )
    made = sd.function("x**2").grad()
    file = tmp_path / "g.py"
    for action in (made.load, lambda: made.write(file)):
        with pytest.raises(EmissionError, match="a fault of symdiff's") as caught:
            action()
    assert not file.exists()
    assert caught.value.exit_code == 1
    assert '{"source": "x**2"' in str(caught.value)


def test_output_called_by_a_keyword() -> None:
    """The value of a gradient of arrays is a statement under the output's name."""
    made = sd.function("x: [3]; y: [3]; del = sum(x*tanh(x) + x*y)").value_and_grad()
    _check(made.emit(), "value_and_grad", _point(made))
    assert "    del_ = " in made.emit()


def bent(x: Any) -> Any:
    """With a loop whose steps change nothing that depends on x: it hands q's cotangent on."""
    weights, q, p, u = np.linspace(0.3, 1.5, 5), np.diff(x), x[1:] * 0.5, np.zeros(6)
    v, z, c, s = np.ones(6) * x[0], np.tanh(x[:4]), 0.5, 0.0
    for row in np.zeros((5, 4)):
        if np.any(row > c):
            continue
            q -= 0.2 * q * c
        u[v - x > c * c] = np.where(np.any(z > s), c, s)
    terms = np.sum(np.sin(p * weights)) + np.sum(np.sin(q * weights))
    return np.sum(np.sin(u * np.linspace(0.3, 1.8, 6))) + terms


@pytest.mark.parametrize("target", ["numpy", pytest.param("c", marks=by_compiler)])
def test_no_sign_stands_before_a_sign(target: str) -> None:
    """In C that counts down."""
    x, along = np.array([0.0, -1.2, -0.9, 1.3, -0.5, 0.9]), np.linspace(-1.0, 1.0, 6)
    made = sd.hvp(bent, target=target)
    step = 1e-6 * along
    differences = (sd.grad(bent)(x + step) - sd.grad(bent)(x - step)) / 2e-6
    np.testing.assert_allclose(made(x, along), differences, rtol=1e-7, atol=1e-9)
    body = made.emit(target=target).partition("return x_bar_dot")[0]
    assert "--" not in body
    assert "-(-" not in body


def test_an_operator_before_itself_is_apart() -> None:
    minus, x = prefix("-", UNARY), named("x", ())
    twice = minus([minus([x], (), ())], (), ())
    assert twice[0] == "-(-x)"


def test_what_is_checked_may_be_too_long_for_a_line() -> None:
    """What is left behind a check has the check as an argument, which is no text."""
    found = program("matrices/cholesky")
    derived = sd.value_and_grad(weighted_by(found.function))
    value, slopes = derived(**found.examples[0])
    module = derived.load("python")
    (matrix,) = found.examples[0].values()
    ours, by_lists = module.value_and_grad(matrix.tolist())
    assert ours == pytest.approx(value)
    assert np.asarray(by_lists) == pytest.approx(slopes)


def weighted_by(function: Any) -> Any:
    def loss(A: Any) -> Any:
        return weighted(function(A))

    return loss
