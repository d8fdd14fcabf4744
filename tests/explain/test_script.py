"""Functions in JavaScript, run by Node.js: against NumPy, and the emitted module's gradient."""

import json
import math
import shutil
import subprocess

import numpy as np
import pytest

import symdiff as sd
from symdiff.emit.dialect import JAVASCRIPT
from symdiff.emit.templates import plain_text
from symdiff.explain.script import obstacle, script_of
from symdiff.explain.steps import steps_of
from symdiff.explain.words import shown
from symdiff.ops.registry import OPERATIONS
from tests.emit.test_targets import graph_of_numbers, points_of
from tests.explain.page import data_of, programs_of
from tests.ops.rows import ROWS

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
LISTED = {"rows", "append", "turned", "count"}  # of loops, which a page has none of
KNOWN = [row for row in ROWS if JAVASCRIPT.table.can_write(row.name)]


AS_TEXT = "(_, x) => typeof x === 'number' && !Number.isFinite(x) ? `${x}` : x"


def run(program, expression):
    """What an expression is behind a program, as JSON; numbers that are not finite are texts."""
    program = f"{program}\nconsole.log(JSON.stringify({expression}, {AS_TEXT}));"
    done = subprocess.run([NODE, "-"], input=program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout, parse_constant=float)


def number(value):
    return {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}.get(value, value)


def test_operations_are_numpys():
    calls, wanted = [], []
    for row in KNOWN:
        graph = graph_of_numbers(row)
        steps = steps_of(graph, graph.input_names)
        if obstacle(steps):  # a derivative that Math lacks, as that of an inverse
            continue
        (functions, numbers) = script_of(steps)
        lines = [f"const made = [{', '.join(functions)}];"]
        for step, which in zip(steps, numbers, strict=True):
            reads = ", ".join(f"v.{name}" for name in step.names)
            lines.append(f"v.{step.name} = made[{which}].value({reads})[0];")
        body = " ".join([*lines, f"return v.{steps[-1].name};"])
        for point in points_of(row):
            given = json.dumps(dict(zip(graph.input_names, map(float, point), strict=True)))
            calls.append(f"((v) => {{ {body} }})({given})")
            wanted.append((row, point, float(np.asarray(row.function(*point), float))))
    found = run(plain_text("report/functions.js"), f"[{', '.join(calls)}]")
    assert len({row.name for row, _, _ in wanted}) > 50
    for value, (row, point, exact) in zip(found, wanted, strict=True):
        got = float(number(value))
        assert got == pytest.approx(exact, rel=1e-12, abs=1e-15, nan_ok=True), (row.name, point)


def document_with(data):
    """JavaScript for a document that holds nothing but the data of a page."""
    return f"globalThis.document = {{getElementById: () => ({{textContent: {json.dumps(data)}}})}};"


def traced_at(function, at, points):
    """What the page shows at points, by its own scripts, for a page that is made at another one."""
    page = function.explain(at).html()
    program = "\n".join([
        document_with(data_of(page)),
        f"const PROGRAMS = {programs_of(page)};",
        plain_text("report/functions.js"),
        plain_text("report/trace.js"),
    ])  # fmt: skip
    found = run(program, f"{json.dumps(points)}.map(numbersAt)")
    return [{slot: number(value) for slot, value in one.items()} for one in found]


FORMULAS = (
    "x*sin(y)**2 + exp(-x)/y",
    "t = x*y; t*t + where(t > 1, log(t), t**3)*x",
    "max(x, y)*min(x, 2*y) + abs(x - 3)",
    "tanh(x)*arctan2(y, x) + hypot(x, y) + sigmoid(x*y)",
    "(x % y)*floor(x) + x**y + 2**x + cbrt(y)",
    "relu(x - y)*softplus(y) + log1p(x**2) + expm1(y/4)",
    "clip(x, 0, 1)*sinc(y) + sign(x)*round(y) + logaddexp(x, y)",
    "x if x > y else y*y if y > 2 else x*y",
)


@pytest.mark.parametrize("text", FORMULAS)
def test_moved_sliders_show_what_the_module_computes(text):
    function = sd.function(text)
    points = [(0.5, 1.25), (2.5, 0.75), (1.5, 3.5), (0.3, 2.2)]
    at = {"x": 1.2, "y": 0.7}
    found = traced_at(function, at, [{"x": x, "y": y} for x, y in points])
    module = function.value_and_grad().load()
    for numbers, point in zip(found, points, strict=True):
        value, gradient = module.value_and_grad(*point)
        assert numbers["value:f"] == pytest.approx(value, rel=1e-12)
        bars = [numbers[f"bar:{name}"] for name in "xy"]
        np.testing.assert_allclose(bars, gradient, rtol=1e-11, atol=1e-14)
        dots = [numbers[f"dot:{name}:f"] for name in "xy"]
        np.testing.assert_allclose(dots, gradient, rtol=1e-11, atol=1e-14)
        for name in "xy":
            parts = [v for slot, v in numbers.items() if slot.startswith(f"part:{name}:")]
            assert sum(parts) == pytest.approx(numbers[f"bar:{name}"], rel=1e-12, abs=1e-14)


def test_at_the_point_the_page_shows_the_same_numbers():
    """Each number that Python wrote is the number that the scripts compute there."""
    function, at = sd.function(FORMULAS[1]), {"x": 1.3, "y": 2.1}
    found = function.explain(at)
    (numbers,) = traced_at(function, at, [at])
    for step in found.steps:
        if step.name not in ("v1",):
            assert numbers[f"value:{step.name}"] == pytest.approx(step.value, rel=1e-14)
        for one in step.derivatives:
            assert numbers[f"local:{step.name}:{one.by}"] == pytest.approx(one.value, rel=1e-13)
    for line in found.walks[0].lines:
        of = line.name.removesuffix("_bar")
        assert numbers[f"bar:{of}"] == pytest.approx(line.value, rel=1e-13)
        for k, part in enumerate(line.summands):
            assert numbers[f"part:{of}:{k}"] == pytest.approx(part.value, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("text", ["max(x, y)*sqrt(x**2 + y**2)", "where(x < 1, y, sqrt(x))*y"])
def test_what_is_not_finite_stays_so(text):
    function, at = sd.function(text), {"x": 0.0, "y": 0.0}
    (numbers,) = traced_at(function, at, [at])
    (backward,) = function.explain(at).walks
    for line in backward.lines:
        of = line.name.removesuffix("_bar")
        np.testing.assert_equal(number(numbers[f"bar:{of}"]), line.value)
        for k, part in enumerate(line.summands):
            np.testing.assert_equal(number(numbers[f"part:{of}:{k}"]), part.value)
    for name, walk in zip("xy", function.explain(at, mode="forward").walks, strict=True):
        for line in walk.lines:
            of = line.name.removesuffix("_dot")
            np.testing.assert_equal(number(numbers[f"dot:{name}:{of}"]), line.value)
            for k, part in enumerate(line.summands):
                np.testing.assert_equal(number(numbers[f"push:{name}:{of}:{k}"]), part.value)


def test_numbers_are_written_as_python_writes_them():
    draw = np.random.default_rng(0)
    numbers = [0.0, -0.0, 1.0, -2.0, 0.1, 1e-5, 1e-4, 123456.0, 1234567.0, 1e15, 1e16, 1e22, 1e300]
    numbers += [0.5, 99999.95, 999999.5, 1e-7, 123456789.0, 2.0**0.5, 1e6, 1e5, 12345.678]
    numbers += (draw.standard_normal(300) * 10.0 ** draw.integers(-12, 12, 300)).tolist()
    program = f"{document_with('{}')}\n{plain_text('report/trace.js')}"
    found = run(program, f"{json.dumps(numbers)}.map(shown)")
    assert found == [str(shown(x)) for x in numbers]


def test_what_math_lacks_is_named():
    assert "gamma" in obstacle(steps_of(sd.function("gamma(x)").primal, ["x"]))
    assert "is of arrays" in obstacle(steps_of(sd.function("x: [3]; sum(x)").primal, ["x"]))
    of_schedules = {"inf", "nan", "choice", "both", "either", "fails", "larger", "smaller", *LISTED}
    assert set(JAVASCRIPT.table) - of_schedules <= {*OPERATIONS}
