"""What optimisation did: every formula of it, before and after, is evaluated by Python itself."""

import json
import random

import numpy as np
import pytest

import symdiff as sd
from symdiff.verify.table import Screen
from tests.test_commands import run

NAMES = {
    name: getattr(np, name)
    for name in "exp sin cos tanh log sqrt where maximum sum broadcast_to zeros ones".split()
}
NAMES["sigmoid"] = lambda x: 1 / (1 + np.exp(-x))

CASES = {
    "(x**2)**3": {"x": 2.0},
    "x*exp(x) + sin(x)*exp(x)": {"x": 2.0},
    "t = x*y; where(t > 0, sqrt(t), 0)*t": {"x": 1.0, "y": 2.0},
    "a = x*y; b = sin(a) + a**3; c = b*exp(a); c*x + c*y + a": {"x": 0.7, "y": -0.3},
    "x: [2]\no = sum(x**2)/2": {"x": [2.0, 4.0]},
    "X: [4, 3]\nw: [3]\nr = X @ w - 1\nsum(tanh(r)**2)/4": {
        "X": np.cos(np.arange(12.0)).reshape(4, 3),
        "w": [0.5, -1.0, 2.0],
    },
}


def random_formula(seed):
    draw = random.Random(seed)
    parts = ["x", "y", "x", "y", "2", "0.5"]
    for _ in range(draw.randrange(3, 9)):
        a, b = draw.choice(parts), draw.choice(parts)
        forms = (f"({a} + {b})", f"({a}*{b})", f"sin({a})", f"exp(-{a}**2)", f"({a})**3")
        parts.append(draw.choice(forms))
    return f"{parts[-1]}*{parts[-2]} + {parts[-3]}*x"


def evaluated(text, values):
    with np.errstate(all="ignore"):
        return np.asarray(eval(text, {**NAMES, "__builtins__": {}}, dict(values)))  # noqa: S307


def assert_true(function, at):
    found = function.explain(at)
    values = {name: np.asarray(value) for name, value in found.at.items()}
    values |= {step.name: np.asarray(step.value) for step in found.steps}
    values |= {line.name: np.asarray(line.value) for line in found.walks[0].lines}
    told = found.optimisation
    for one in told.passes:
        for name, before, after in one.lines:
            for text in filter(None, (before, after)):
                np.testing.assert_allclose(evaluated(text, values), values[name], rtol=1e-9)
    for part in told.shared:
        assert part.times > 1
        if part.formula and part.name:
            np.testing.assert_allclose(
                evaluated(part.formula, values), values[part.name], rtol=1e-9
            )
    counts = dict(told.operations)
    gradient = function.value_and_grad()
    assert counts["as emitted"] == gradient.ops
    if told.passes:
        assert told.passes[0].before == counts["equal parts shared"]
        assert told.passes[-1].after == gradient.ops
    return found


@pytest.mark.parametrize("text", CASES)
def test_formulas_before_and_after_have_the_value_of_their_name(text):
    found = assert_true(sd.function(text), CASES[text])
    assert found.optimisation.passes
    assert "Optimisation: " in found.text(level="full")
    assert "Optimisation: " not in found.text()


def test_random_formulas_are_rewritten_as_told():
    rewritten = 0
    for seed in range(40):
        found = assert_true(sd.function(random_formula(seed)), {"x": 0.7, "y": -1.3})
        rewritten += sum(len(one.lines) for one in found.optimisation.passes)
    assert rewritten > 40


def test_a_quantity_keeps_its_name_only_where_it_is_the_same_everywhere():
    found = assert_true(sd.function("u = maximum(x, 0); u**3*exp(u)"), {"x": 2.0})
    texts = [text for one in found.optimisation.passes for _, *both in one.lines for text in both]
    assert texts
    assert not any("x" in text.replace("exp", "").replace("x_bar", "") for text in texts)


def test_what_is_shared_and_rewritten_stands_in_every_form():
    source = "x*exp(x) + sin(x)*exp(x)"
    told = "Take common factors out of the sums of the derivative"
    for form in ("text", "markdown", "latex", "html"):
        result = run("explain", source, "--at", "x=2", "--full", "--format", form)
        assert result.exit_code == 0, result.output
        assert told in result.stdout
    data = json.loads(run("explain", source, "--at", "x=2", "--full", "--format", "json").stdout)
    shared = {part["name"]: part["times"] for part in data["optimisation"]["shared"]}
    assert shared == {"v1": 3, "v3": 2}
    assert [(one["before"], one["after"]) for one in data["optimisation"]["passes"]] == [(11, 10)]


def test_of_loops_the_operations_are_told():
    def rolled(x):
        for _ in range(100):
            x = np.tanh(0.9 * x)
        return x

    found = sd.function(rolled, shapes={"x": ()}).explain({"x": 0.5})
    counts = dict(found.optimisation.operations)
    assert "written out, nothing shared" not in counts
    assert max(map(len, found.text(level="full", screen=Screen(60)).split("\n"))) <= 60
