"""Checks of functions of arrays: they agree with right gradients, and find wrong ones."""

import math

import numpy as np
import pytest
from hypothesis import given

from symdiff.errors import ShapeError, SymdiffError
from symdiff.graph.node import BOOL, FLOAT, INT
from symdiff.graph.shape import named
from symdiff.ops.builder import Builder
from symdiff.ops.contraction import contracted
from symdiff.ops.indexing import sliced
from symdiff.ops.kinks import maximum
from symdiff.ops.reduction import broadcast_to, total
from symdiff.ops.registry import OPERATIONS
from symdiff.ops.rules import EXACT
from symdiff.verify.check import check
from symdiff.verify.compare import compare
from symdiff.verify.digits import Exact
from symdiff.verify.interpret import Interpreter
from symdiff.verify.libraries import Complex, Floats
from symdiff.verify.points import Drawing, small_lengths
from tests.compiled import load
from tests.ops.array_rows import ARRAY_ROWS
from tests.ops.test_array_operations import drawn, graph_of
from tests.strategies import array_graphs, examples

N = named("N")


def graph(function, **shapes):
    """A function of handles as a graph with one output."""
    b = Builder(EXACT)
    inputs = [b.handle(b.input(name, shape)) for name, shape in shapes.items()]
    return b.graph([x.at for x in inputs], [function(*inputs).at], ["f"], primal=1)


def applied(name, *params, whole=""):
    """An operation, behind its decomposition where it is a part, and a sum of its squares."""

    def function(a):
        args = [a, OPERATIONS[whole](a)] if whole else [a]
        y = OPERATIONS[name](*args, params=params)
        return total(y * y) + total(OPERATIONS["sin"](y))

    return function


def regression(x, w, y):
    rest = contracted(x, w, "ij,j->i") - y
    return total(rest * rest) / 3.0 + OPERATIONS["norm"](w, params=((0,), False))


REGRESSION = graph(regression, X=(N, 3), w=(3,), y=(N,))
WRT = ("X", "w", "y")


def rows_of(report, name, method):
    """The row of an input: it has the name of its worst entry."""
    (found,) = [r for r in report.rows if r.name.split("[")[0] == name and r.method == method]
    return found


# --- the interpreter ---------------------------------------------------------------------------

ALONE = [row for row in ARRAY_ROWS if "alone" not in row.exceptions]
VARIANTS = [
    pytest.param(row, variant, id=f"{row.name}-{number}")
    for row in ALONE
    for number, variant in enumerate(row.variants)
]


def test_operations_without_a_counterpart_are_few():
    records = [OPERATIONS[row.name] for row in ARRAY_ROWS]
    # those that stand for simpler ones are written out before
    assert {record.name for record in records if not (record.exact or record.expand)} == {
        "as_float32",
        "eigh_upper",  # its vectors have signs of their own
        *["scan", "scan_final", "scan_stacked"],  # loops are written out before
    }


@pytest.mark.spread(2)
@pytest.mark.parametrize(("row", "variant"), VARIANTS)
@pytest.mark.parametrize(
    "domain", [Exact(40), Floats(), Complex()], ids=["exact", "floats", "complex"]
)
def test_lines_are_numpys(row, variant, domain):
    made, args = graph_of(row, variant), drawn(row, variant)
    if isinstance(domain, Exact) and not OPERATIONS[row.name].exact:
        pytest.skip("no counterpart in many digits")
    values = {f"x{i}": x for i, x in enumerate(args)}
    got = np.asarray(Interpreter(made, domain).outputs(values)[0])
    wanted = np.asarray(row.oracle(*args, *variant.params))
    assert got.shape == wanted.shape
    with np.errstate(invalid="ignore"):  # NumPy before 2.3 warns of a NaN among objects
        found = got.astype(wanted.dtype)
    assert np.allclose(found, wanted, rtol=1e-12, atol=1e-12, equal_nan=True)


# --- agreement ---------------------------------------------------------------------------------


def test_a_right_gradient_agrees():
    report = check(REGRESSION, WRT, load(REGRESSION, WRT).value_and_grad)
    assert report.ok
    methods = [(row.name.split("[")[0], row.method) for row in report.rows]
    assert methods == [
        ("value", "50 digits"),
        *[(name, "50 digits") for name in WRT],
        *[(name, method) for name in WRT for method in ("differences", "complex step")],
    ]
    assert rows_of(report, "w", "complex step").cause == "norm is not analytic"
    others = [row for row in report.rows if row.cause != "norm is not analytic"]
    assert all(row.verdict == "agrees" and row.points for row in others)
    assert rows_of(report, "X", "50 digits").name.startswith("X[")
    assert rows_of(report, "X", "50 digits").ulps < 8
    assert "X[" in str(report)


@pytest.mark.parametrize(
    ("method", "factor"),
    [("50 digits", 1.0 + 1e-12), ("differences", 1.0 + 1e-6), ("50 digits", math.nan)],
)
def test_one_wrong_entry_is_found_by_name(method, factor):
    module = load(REGRESSION, WRT)

    def wrong(x, w, y):
        value, (by_x, by_w, by_y) = module.value_and_grad(x, w, y)
        by_w = by_w * [1.0, factor, 1.0]
        return value, (by_x, by_w, by_y)

    report = check(REGRESSION, WRT, wrong)
    row = rows_of(report, "w", method)
    assert not report.ok
    assert (row.name, row.verdict) == ("w[1]", "disagrees")
    assert rows_of(report, "X", method).ok


def test_a_gradient_of_another_shape_is_refused():
    module = load(REGRESSION, WRT)

    def wrong(x, w, y):
        value, (by_x, by_w, by_y) = module.value_and_grad(x, w, y)
        return value, (by_x, by_w[None], by_y)

    with pytest.raises(SymdiffError, match=r"gradient by 'w' has the shape \(1, 3\)"):
        check(REGRESSION, WRT, wrong)


def test_a_wrong_value_is_found():
    module = load(REGRESSION, WRT)

    def wrong(*args):
        value, gradient = module.value_and_grad(*args)
        return value * (1.0 + 1e-13), gradient

    assert not check(REGRESSION, WRT, wrong).rows[0].ok


MATRIX_FUNCTIONS = {
    "inv": (applied("inv"), (3, 3)),
    "det": (applied("det"), (3, 3)),
    "logabsdet": (applied("logabsdet", whole="slogdet"), (2, 2)),
    "cholesky": (applied("cholesky"), (3, 3)),
    "eigenvalues": (applied("eigenvalues", whole="eigh"), (3, 3)),
    "eigenvectors": (applied("eigenvectors", whole="eigh"), (3, 3)),
    "svd_values": (applied("svd_values", whole="svd"), (3, 2)),
    "svd_left": (applied("svd_left", whole="svd"), (3, 2)),
    "svd_right": (applied("svd_right", whole="svd"), (2, 3)),
    "qr_triangular": (applied("qr_triangular", whole="qr"), (3, 2)),
    "pinv": (applied("pinv"), (2, 3)),
    "prod": (applied("prod", (0, 1), False), (2, 2)),
    "cumprod": (applied("cumprod", 0), (4,)),
    "max": (applied("max", (0,), False), (3, 2)),
    "sort": (applied("sort", 0), (4,)),
    "logsumexp": (applied("logsumexp", (1,), True), (2, 3)),
    "norm": (applied("norm", (0,), False), (3, 2)),
    "convolve": (lambda a: total(OPERATIONS["convolve"](a, a)), (3,)),
}


@pytest.mark.spread(2)
@pytest.mark.parametrize("name", MATRIX_FUNCTIONS)
def test_rules_agree(name):
    function, shape = MATRIX_FUNCTIONS[name]
    made = graph(function, A=shape)
    report = check(made, ("A",), load(made, ("A",)).value_and_grad)
    assert report.ok, str(report)
    assert rows_of(report, "A", "50 digits").points


def test_kinks_lie_between():
    made = graph(lambda x: total(OPERATIONS["absolute"](x)), x=(3,))
    module = load(made, ("x",))
    at = {"x": [0.0, 1.0, -2.0]}
    report = check(made, ("x",), module.value_and_grad, at=at)
    assert report.ok
    assert rows_of(report, "x", "differences").cause == "kink at 1"
    outside = check(made, ("x",), lambda x: (np.abs(x).sum(), np.sign(x) + 2.0 * (x == 0)), at=at)
    assert rows_of(outside, "x", "50 digits").name == "x[0]"
    assert not outside.ok


def test_what_counts_as_a_constant_is_compared_with_the_reference_alone():
    made = graph(lambda x: total(OPERATIONS["stop"](x) * x), x=(3,))
    report = check(made, ("x",), load(made, ("x",)).value_and_grad)
    assert report.ok
    assert rows_of(report, "x", "differences").cause == "'stop' counts as a constant"


def test_what_has_no_counterpart_is_named():
    made = graph(lambda x: total(OPERATIONS["as_float32"](x) * x), x=(3,))
    report = check(made, ("x",), load(made, ("x",)).value_and_grad)
    assert report.ok
    assert rows_of(report, "x", "50 digits").cause == "no counterpart of 'as_float32'"
    assert rows_of(report, "x", "differences").points


def test_a_pole_is_no_failure():
    made = graph(applied("inv"), A=(2, 2))
    report = check(made, ("A",), load(made, ("A",)).value_and_grad, at={"A": np.ones((2, 2))})
    assert not report.ok  # nothing was compared
    assert "singular matrix" in rows_of(report, "A", "50 digits").cause


@examples(8)
@given(made=array_graphs(largest=5))
def test_no_false_alarm_on_random_functions(made):
    report = check(made, made.input_names, load(made, made.input_names).value_and_grad)
    assert all(row.ok for row in report.rows), str(report)


def test_rounding_at_a_kink_is_no_failure():
    """The sine of 1e150 - 2 is that of 1e150 in floats; the kink beside it has to know."""
    made = graph(lambda x, y: OPERATIONS["sin"](x - 2.0) + maximum(x, y), x=(), y=())
    module = load(made, ("x", "y"))
    assert check(made, ("x", "y"), module.value_and_grad, at={"x": 1e150, "y": 1e150}).ok
    at = {"x": 1.0, "y": 1.0}
    assert check(made, ("x", "y"), module.value_and_grad, at=at).ok
    report = check(made, ("x", "y"), lambda x, y: (module.value(x, y), (2.0, 0.5)), at=at)
    assert not report.ok


# --- points ------------------------------------------------------------------------------------


def test_named_dimensions_differ():
    made = graph(lambda x: total(x), X=(N, named("M")))
    lengths = small_lengths(made)
    assert len(set(lengths.values())) == 2


def test_no_length_is_negative():
    made = graph(lambda x: total(sliced(x, 0, 3, N - 6)), x=(N,))
    assert small_lengths(made)["N"] >= 6
    assert check(made, ("x",), load(made, ("x",)).value_and_grad).ok


def test_kinds_of_inputs():
    b = Builder(EXACT)
    kinds = {"a": FLOAT, "i": INT, "c": BOOL}
    inputs = [b.input(name, (3,), kind) for name, kind in kinds.items()]
    a, i, c = map(b.handle, inputs)
    y = OPERATIONS["where"](c, OPERATIONS["index"](a, i, params=((("array", 0),),)), 0.0)
    made = b.graph(inputs, [total(y * y).at], ["f"], primal=1)
    (point, *_) = Drawing(made, seed=0).random(1)
    assert [point[name].dtype.kind for name in kinds] == ["f", "i", "b"]
    assert check(made, ("a",), load(made, ("a",)).value_and_grad).ok


def test_the_point_of_the_caller():
    module = load(REGRESSION, WRT)
    at = {"X": np.ones((2, 3)), "w": [1, 2, 3], "y": [0.0, 1.0]}
    report = check(REGRESSION, WRT, module.value_and_grad, at=at)
    assert report.ok
    assert rows_of(report, "X", "50 digits").points == 6
    with pytest.raises(SymdiffError, match="no value is given for the input 'y'"):
        check(REGRESSION, WRT, module.value_and_grad, at={"X": np.ones((2, 3)), "w": [1, 2, 3]})
    with pytest.raises(ShapeError, match=r"y: expected the shape \(N,\), got \(5,\)"):
        check(REGRESSION, WRT, module.value_and_grad, at={**at, "y": np.ones(5)})


def test_large_arrays_are_sampled():
    made = graph(lambda x: total(x * broadcast_to(total(x), x.shape)), x=(40, 30))
    report = check(made, ("x",), load(made, ("x",)).value_and_grad)
    assert report.ok
    assert 0 < rows_of(report, "x", "50 digits").points < 1200
    wide = graph(lambda x: total(x * x), x=(500, 400))
    at = {"x": np.ones((500, 400))}
    report = check(wide, ("x",), load(wide, ("x",)).value_and_grad, at=at)
    assert rows_of(report, "x", "50 digits").cause == "the arrays are large"
    assert 0 < rows_of(report, "x", "differences").points <= 20


# --- comparison --------------------------------------------------------------------------------


def test_comparison():
    report = compare(REGRESSION, WRT, lambda: (load(REGRESSION, WRT).value_and_grad, 5, 11))
    differences, step, ours = report.rows
    assert [row.method for row in report.rows] == ["differences", "complex step", "symdiff"]
    assert step.remark == "norm is not analytic"
    assert differences.evaluations == 2 * (9 + 3 + 3)
    assert ours.evaluations == 1
    assert ours.error < 1e-13 < differences.error < 1e-5
    assert ours.call_seconds > 0.0
    assert report.to_dict()["at"].keys() == {"X", "w", "y"}
    assert "X=[[" in str(report)
