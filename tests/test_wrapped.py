"""Tests of arguments that wrap arrays, under labels or with units: their kind comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import symdiff as sd

DATES = ["2020-01-03", "2020-01-01", "2020-01-02"]
GOES_BY_LABELS = "computes something else of what wraps its arguments"


@pytest.fixture
def pandas() -> Any:
    return pytest.importorskip("pandas")


@pytest.fixture
def xarray() -> Any:
    return pytest.importorskip("xarray")


@pytest.fixture
def frame(pandas: Any) -> Any:
    columns = {"x": [1.0, 2.0, 3.0], "y": [4.0, 5.0, 7.0]}
    return pandas.DataFrame(columns, index=["a", "b", "c"])


# --- what comes back ----------------------------------------------------------------------------


def test_the_gradient_by_a_series_is_a_series(pandas: Any) -> None:
    series = pandas.Series([1.0, 2.0, 3.0], index=pandas.to_datetime(DATES), name="price")
    for verb in (sd.grad, lambda f: lambda *args: sd.value_and_grad(f)(*args)[1]):
        found = verb(lambda s, k: k * (s**2).sum())(series, 2.0)
        pandas.testing.assert_series_equal(found, 4.0 * series)
    single = series.astype("float32")
    assert sd.grad(lambda s: (s * s).sum())(single).dtype == np.float32


def test_products_come_back_under_the_labels(pandas: Any) -> None:
    series = pandas.Series([1.0, 2.0, 3.0], index=["a", "b", "c"])
    cubes = lambda s: s**3  # noqa: E731
    pandas.testing.assert_series_equal(sd.vjp(cubes)(series, np.ones(3))[1], 3.0 * series**2)
    hvp = sd.hvp(lambda s: (s**3).sum())
    pandas.testing.assert_series_equal(hvp(series, series), 6.0 * series**2)
    with pytest.raises(sd.UnsupportedError, match="'vector 1' has other labels than 's'"):
        hvp(series, series[::-1])
    assert type(sd.jacobian(cubes)(series)) is np.ndarray


def test_several_arguments_and_nested_ones(pandas: Any) -> None:
    series = pandas.Series([1.0, 2.0], index=["a", "b"])
    by_w, by_s = sd.grad(lambda w, s: w * (s**2).sum(), wrt=("w", "s"))(3.0, series)
    assert by_w == 5.0
    pandas.testing.assert_series_equal(by_s, 6.0 * series)
    found = sd.grad(lambda p: p["k"] * (p["s"] ** 2).sum())({"s": series, "k": 3.0})
    assert found["k"] == 5.0
    pandas.testing.assert_series_equal(found["s"], 6.0 * series)

    @dataclass
    class Model:
        s: Any
        k: float

    of_model = sd.grad(lambda m: m.k * (m.s**2).sum())(Model(series, 3.0))
    assert isinstance(of_model, Model)
    pandas.testing.assert_series_equal(of_model.s, 6.0 * series)


def test_the_gradient_by_an_array_of_xarray_has_its_coordinates(xarray: Any) -> None:
    x = xarray.DataArray(
        [[1.0, 2.0, 3.0]], dims=("time", "place"), coords={"place": list("abc")}, name="t"
    )
    found = sd.grad(lambda x: (x**2).sum())(x)
    xarray.testing.assert_identical(found, 2.0 * x)


def test_the_gradient_by_a_frame_is_a_frame(pandas: Any, frame: Any) -> None:
    weights = np.array([1.0, 2.0])
    functions = [
        lambda d: (d["x"] * d["y"]).sum(),
        lambda d: (d.x * d.y).mean() / len(d) * d.shape[1],
        lambda d: sum([d[name].sum() ** 2 for name in d]),
        lambda d: np.sum((d.to_numpy() @ weights) ** 2),
        lambda d: np.sum((d[["y", "x"]].values @ weights) ** 2),
    ]
    for function in functions:
        value, found = sd.value_and_grad(function)(frame)
        assert value == pytest.approx(function(frame), rel=1e-14)

        def of_numbers(x: Any, function: Any = function) -> Any:
            columns = np.reshape(x, frame.shape)
            return function(pandas.DataFrame(columns, frame.index, frame.columns))

        at, steps = frame.to_numpy().ravel(), 1e-5 * np.eye(6)
        expected = [(of_numbers(at + h) - of_numbers(at - h)) / 2e-5 for h in steps]
        assert found.to_numpy().ravel() == pytest.approx(expected, rel=1e-6)
        assert found.index.equals(frame.index)
        assert found.columns.equals(frame.columns)
    product = sd.hvp(lambda d: (d.x * d.y).sum())(frame, frame)
    assert product.to_numpy().tolist() == frame[["y", "x"]].to_numpy().tolist()


def test_a_frame_of_data_is_read_anew_in_each_call(frame: Any) -> None:
    grad = sd.grad(lambda w, d: w * np.sum(d["x"].to_numpy()))
    assert grad(2.0, frame) == 6.0
    frame.loc["a", "x"] = 5.0
    assert grad(2.0, frame) == 10.0
    line = sd.grad(lambda w, d: ((w[0] * d.x + w[1] - d.y) ** 2).mean())
    assert line(np.zeros(2), frame).tolist() == pytest.approx([-102.0 / 3.0, -32.0 / 3.0])


@pytest.mark.parametrize(
    "function",
    [
        lambda p, d: ((d[["x", "y"]].to_numpy() @ p) ** 2).sum(),
        lambda p, d: ((d[d.x > 1.0].to_numpy() @ p) ** 2).sum(),
        lambda p, d: (d.query("x > 1").x * p[0] + p[1]).sum() ** 2,
        lambda p, d: (d.head(2).y * p[1]).sum() * p[0],
        lambda p, d: np.sum(p * d.groupby("x").y.mean().to_numpy()[:2]) ** 2,
        lambda p, d: np.sum((d * p[0]).to_numpy() ** 2) + p[1],
        lambda p, d: np.sum(p[0] * d.sort_values("y").rolling(2).mean().dropna().y) * p[1],
    ],
)
def test_what_pandas_computes_of_data_is_its_own_business(function: Any, frame: Any) -> None:
    at, steps = np.array([0.5, -1.5]), 1e-6 * np.eye(2)
    expected = [(function(at + h, frame) - function(at - h, frame)) / 2e-6 for h in steps]
    assert sd.grad(function)(at, frame).tolist() == pytest.approx(expected, rel=1e-7)
    beside = sd.grad(lambda p: function(p, frame))
    assert beside(at).tolist() == pytest.approx(expected, rel=1e-7)


# --- labels that decide -------------------------------------------------------------------------


def test_labels_that_differ_are_refused(pandas: Any) -> None:
    grad = sd.grad(lambda w, v: np.sum(w**2 * v))
    one = pandas.Series([1.0, 2.0], index=["b", "a"])
    assert grad(one, pandas.Series([3.0, 4.0], index=["b", "a"])).tolist() == [6.0, 16.0]
    assert grad(one, np.array([3.0, 4.0])).tolist() == [6.0, 16.0]
    for given in ((one, one[::-1]), (one, pandas.Series([3.0, 4.0]))):
        with pytest.raises(sd.UnsupportedError, match="'v' has other labels than 'w'"):
            grad(*given)


def test_axes_of_other_names_are_refused(xarray: Any) -> None:
    grad = sd.grad(lambda w, v: np.sum(w**2 * v))
    one = xarray.DataArray([1.0, 2.0], dims="x", coords={"x": [0, 1]})
    assert grad(one, one).values.tolist() == [2.0, 8.0]
    for other in (
        xarray.DataArray([3.0, 4.0], dims="y"),
        xarray.DataArray([3.0, 4.0], dims="x", coords={"x": [1, 2]}),
    ):
        with pytest.raises(sd.UnsupportedError, match="xarray goes by labels"):
            grad(one, other)


def test_what_goes_by_labels_is_refused(pandas: Any, xarray: Any) -> None:
    series = pandas.Series([1.0, 2.0, 5.0], index=[1, 2, 0])
    for function in (
        lambda s: s[1] ** 2,  # the row that is called 1
        lambda s: ((s[1:] - s[:-1]) ** 2).sum(),  # rows of one name
    ):
        with pytest.raises(sd.UnsupportedError, match=GOES_BY_LABELS):
            sd.grad(function)(series)
        with pytest.raises(sd.UnsupportedError, match=GOES_BY_LABELS):
            sd.grad(function)(0.0 * series)  # where the values are the same
    table = xarray.DataArray(np.arange(4.0).reshape(2, 2), dims=("a", "b"))
    with pytest.raises(sd.UnsupportedError, match=GOES_BY_LABELS):
        sd.grad(lambda x: (x * x.T).sum())(table)  # products of axes of one name


def test_labels_are_looked_at_where_they_change(pandas: Any) -> None:
    grad = sd.grad(lambda s: s[1] ** 2)
    assert grad(pandas.Series([1.0, 2.0])).tolist() == [0.0, 4.0]
    with pytest.raises(sd.UnsupportedError, match=GOES_BY_LABELS):
        grad(pandas.Series([1.0, 2.0], index=[1, 0]))
    assert grad(pandas.Series([3.0, 4.0])).tolist() == [0.0, 8.0]


def test_labels_of_what_is_read_beside_the_arguments_count(pandas: Any) -> None:
    series = pandas.Series([3.0, 4.0, 5.0], index=[1, 2, 0])
    other, holed = pandas.Series([1.0, 1.0, 2.0]), pandas.Series([1.0, np.nan, 2.0])
    x = np.array([1.0, 2.0, 3.0])
    assert sd.grad(lambda w: np.sum(w * series))(x).tolist() == [3.0, 4.0, 5.0]
    plain = sd.function(lambda w: np.sum(w * series), shapes={"w": 3}).grad()
    assert plain(x).tolist() == [3.0, 4.0, 5.0]
    for function in (
        lambda w: (w * series)[1] ** 2,
        lambda w: np.sum((w * series - w**2 * other) ** 2),
        lambda w: (w * holed).sum(),
    ):
        with pytest.raises(sd.UnsupportedError, match=GOES_BY_LABELS):
            sd.grad(function)(x)
        with pytest.raises(sd.UnsupportedError, match=GOES_BY_LABELS):
            sd.function(function, shapes={"w": 3})


def test_methods_of_a_series_that_are_not_those_of_arrays_are_refused(pandas: Any) -> None:
    series = pandas.Series([1.0, 2.0, 4.0, 7.0])
    with pytest.raises(sd.UnsupportedError, match="'std' of a Series divides by n - 1"):
        sd.grad(lambda x: x.std())(series)
    for function in (lambda x: x.std(ddof=1), lambda x: np.var(x), lambda x: x.mean()):
        assert sd.value_and_grad(function)(series)[0] == pytest.approx(function(series), rel=1e-14)
    assert sd.value_and_grad(lambda x: x.std())(series.to_numpy())[0] == series.std(ddof=0)


def test_a_series_with_nan_is_refused(pandas: Any) -> None:
    series = pandas.Series([1.0, float("nan")])
    with pytest.raises(sd.UnsupportedError, match="'x' holds NaN, which pandas leaves out"):
        sd.grad(lambda x: x.sum())(series)
    assert sd.grad(lambda x: np.sum(x * x))(series.to_numpy())[0] == 2.0


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda d: d.mean()["x"], "'mean' of a data frame is not supported"),
        (lambda d: (d * 2.0).x.sum(), "'multiply' of a whole data frame"),
        (lambda d: (2.0 - d).x.sum(), "'subtract' of a whole data frame"),
        (lambda d: np.exp(d).x.sum(), "'exp' of a whole data frame"),
        (lambda d: np.sum(d), "'sum' of a whole data frame"),
        (lambda d: d["z"].sum(), "the columns 'x', 'y' has none by this key"),
        (lambda d: d.iloc[0, 0], "'iloc' of a data frame"),
        (lambda d: d.copy().pop("x").sum(), "a data frame is written into"),
        (lambda d: d.__setitem__("z", d.x) or d.z.sum(), "a data frame is written into"),
    ],
)
def test_what_frames_do_as_a_whole_is_refused(function: Any, message: str, frame: Any) -> None:
    with pytest.raises(sd.UnsupportedError, match=message):
        sd.grad(function)(frame)


def test_frames_that_are_no_numbers_are_refused(pandas: Any, frame: Any) -> None:
    grad = sd.grad(lambda d: d["x"].sum())
    for given, message in (
        (frame.assign(name="text"), r"'d\['name'\]' is an array of "),
        (frame.astype("Float64"), r"'d\['x'\]' is an array of Float64"),
        (pandas.DataFrame([[1.0, 2.0]], columns=["x", "x"]), "two columns of one name"),
        (pandas.DataFrame({}), "no columns"),
    ):
        with pytest.raises(sd.UnsupportedError, match=message):
            grad(given)
    with pytest.raises(sd.UnsupportedError, match="a Hessian by a data frame"):
        sd.hessian(lambda d: (d.x * d.y).sum())(frame)
    with pytest.raises(sd.UnsupportedError, match="'x' is an array of Float64"):
        sd.grad(lambda x: np.sum(x))(pandas.array([1.0, 2.0]))
    with pytest.raises(sd.ShapeError, match="got a Series"):
        sd.grad(lambda x: np.sum(x))(np.ones(3), accumulate=frame.x)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        sd.grad(lambda d: d.nothing.sum())(frame)


def test_each_call_is_compared(pandas: Any) -> None:
    def series(*numbers: float) -> Any:
        return pandas.Series(numbers, index=[1, 0, 2][: len(numbers)])

    def on_one_way(w: Any) -> Any:
        return w[1] ** 2 if w.sum() > 10.0 else w.sum()

    def of_numbers(w: Any, i: Any) -> Any:
        return w[i[1]] ** 2

    def near_three(w: Any) -> Any:
        if abs(w.sum() - 3.0) > 1e-3:
            raise ValueError("far from 3")
        return w[1] ** 2

    w = np.arange(3.0)
    whole = [pandas.Series(numbers, index=[1, 0]) for numbers in ([0, 0], [0, 2])]
    calls = [
        (on_one_way, [(series(1.0, 2.0, 3.0),), (series(10.0, 20.0, 3.0),)]),
        (lambda w: np.log(w).sum(), [(series(1.0, 2.0),), (series(1.0, -2.0),)]),
        (of_numbers, [(w, whole[0]), (w, whole[1])]),
        (lambda w, k: k + w[1], [(series(1.0, 2.0, 5.0), 1e9)]),
        (near_three, [(series(1.0, 1.0, 1.0),)]),
    ]
    for function, points in calls:
        *right, last = points
        gradient = sd.grad(function)
        for point in right:
            gradient(*point)
        with pytest.raises(sd.UnsupportedError, match=GOES_BY_LABELS):
            gradient(*last)


def test_equal_numbers_hide_no_labels(pandas: Any) -> None:
    """The arguments near by differ, whole numbers that are differentiated by too."""

    def series(*numbers: float, **kind: str) -> Any:
        return pandas.Series(numbers, index=[1, 0, 2], **kind)

    def by_mode(w: Any, mode: Any) -> Any:
        return w[1] ** 2 if mode[0] else (w**2).sum()

    def bounded(w: Any) -> Any:
        return ((w - 3.0) ** 2).sum() + np.maximum(0.0, 0.5 - w[1]) * 100.0

    same = series(1.0, 1.0, 3.0)
    calls = [
        (lambda w: w[1] ** 2, [(series(1, 1, 3),)]),
        (lambda w: 100.0 * (w**2).sum() + w[1], [(series(1.0, 2.0, 3.0, dtype="float32"),)]),
        (bounded, [(series(2.0, 3.0, 4.0),), (series(0.0, 0.0, 4.0),)]),
        (by_mode, [(same, np.array([0])), (same, np.array([1]))]),
    ]
    for function, points in calls:
        *right, last = points
        gradient = sd.grad(function)
        for point in right:
            gradient(*point)
        with pytest.raises(sd.UnsupportedError, match=GOES_BY_LABELS):
            gradient(*last)


def test_programs_that_do_not_go_by_labels_are_taken(pandas: Any) -> None:
    """At the edge of a domain, at a perfect fit, of float32, of 10^5 elements."""
    years = pandas.Series([2001.0, 2005.0])
    roots = pandas.Series([0.0, 4.0, 9.0])
    x = pandas.Series(np.linspace(0.0, 1.0, 50))
    single = x.astype("float32")
    many = pandas.Series(np.random.default_rng(0).normal(size=100_000))
    assert sd.grad(lambda p, y: (p * np.log(y - 1999.0)).sum())(1.0, years) == pytest.approx(
        np.log(12.0)
    )
    assert sd.grad(lambda p, k: (p * np.sqrt(k)).sum())(1.0, roots) == 5.0
    fit = sd.grad(lambda p, x, y: ((y - p[0] * x - p[1]) ** 2).sum())
    for data in (x, single):
        assert fit(np.array([2.0, 1.0]), data, 2.0 * data + 1.0) == pytest.approx(
            [0.0, 0.0], abs=1e-5
        )
    assert sd.grad(lambda p, x: (x - p).sum())(x.mean(), x) == -50.0
    assert sd.grad(lambda x: x.sum() + x.mean())(many).iloc[0] == 1.0 + 1e-5
    numbers = sd.grad(lambda x: np.sum(x.to_numpy(dtype=float, copy=True) ** 2))
    assert numbers(x).iloc[-1] == 2.0


def test_the_numbers_of_a_wrapper_are_traced(pandas: Any, xarray: Any, frame: Any) -> None:
    series = pandas.Series([1.0, 2.0, 5.0], index=[1, 0, 2])
    steps = sd.grad(lambda s: np.sum((s.to_numpy()[1:] - s.values[:-1]) ** 2))
    assert steps(series).tolist() == [-2.0, -4.0, 6.0]
    array = xarray.DataArray([1.0, 2.0], dims="t")
    assert sd.grad(lambda x: np.sum(x.values**2))(array).values.tolist() == [2.0, 4.0]
    for function, given, name in (
        (lambda s: s.iloc[0], series, "'iloc' of a Series"),
        (lambda x: x.sel(t=0), array, "'sel' of a DataArray"),
        (lambda s: s["a"] ** 2, series, "'a' is a label"),
        (lambda s: s["a":"b"].sum(), series, "'a' is a label"),
    ):
        with pytest.raises(sd.UnsupportedError, match=name):
            sd.grad(function)(given)
    line = sd.grad(lambda w, d: ((d["x"] * w[0] + w[1] - d["y"]) ** 2).sum())
    assert line(np.zeros(2), frame).tolist() == [-70.0, -32.0]
    with pytest.raises(sd.SymdiffError, match="the parameters hold a Series"):
        sd.minimize(lambda p: (p[1] - 7.0) ** 2, series)


# --- units --------------------------------------------------------------------------------------


def test_quantities_of_floats_keep_their_units() -> None:
    pint = pytest.importorskip("pint")
    units = pint.UnitRegistry()
    length, time = 2.0 * units.m, 3.0 * units.s
    assert sd.grad(lambda q: 3.0 * q * q)(length) == 12.0 * units.m
    assert sd.function("3*x**2").grad().load().grad(length) == 12.0 * units.m
    found = sd.grad(lambda p: p["a"] * p["b"] ** 2)({"a": length, "b": time})
    assert found == {"a": 9.0 * units.s**2, "b": 12.0 * units.m * units.s}
    by_array, by_number = sd.grad(lambda a, q: np.sum(a) * q, wrt=(0, 1))(np.ones(3), length)
    assert by_array.units == units.m
    assert by_array.magnitude.tolist() == [2.0, 2.0, 2.0]
    assert by_number == 3.0


@pytest.mark.parametrize(
    ("function", "quantities", "message"),
    [
        (lambda a: np.sin(np.deg2rad(a)), [(30.0, "deg")], "something else of what wraps"),
        (np.mod, [(2.0, "m"), (30.0, "cm")], "something else of what wraps"),
        (lambda a, b: np.stack([a, b]).sum(), [(1.0, "m"), (1.0, "cm")], "units"),
        (lambda a, b: int(a / b) * a, [(1.0, "m"), (30.0, "cm")], "units"),
        (lambda a: a.to("cm").magnitude if hasattr(a, "to") else a, [(2.0, "m")], "units"),
        (lambda a, b: (a[1:] * b).sum(), [([1.0, 2.0], "m"), (2.0, "s")], "units .* do not fit"),
        (lambda a: np.sum(np.exp(a / 2.0)), [(1.0, "m")], "units .* do not fit"),
    ],
)
def test_units_that_decide_are_refused(function: Any, quantities: Any, message: str) -> None:
    units = pytest.importorskip("pint").UnitRegistry()
    given = [units.Quantity(np.array(number)[()], unit) for number, unit in quantities]
    with pytest.raises(sd.UnsupportedError, match=message):
        sd.grad(function)(*given)


@pytest.mark.filterwarnings("error")
def test_units_that_a_function_gives_to_its_numbers() -> None:
    units = pytest.importorskip("pint").UnitRegistry()

    def work(pressure: Any, volumes: Any) -> Any:
        return ((pressure * units.hPa) * (volumes * units.liter)).to("J").magnitude.sum()

    by_pressure, by_volumes = sd.grad(work, wrt=(0, 1))(1.0, np.array([2.0, 3.0]))
    assert by_pressure == pytest.approx(0.5, rel=1e-15)  # 100 Pa times 1e-3 cubic metres, each
    np.testing.assert_allclose(by_volumes, [0.1, 0.1], rtol=1e-15)


def test_units_of_the_function_s_own_are_refused() -> None:
    units = pytest.importorskip("pint").UnitRegistry()
    length, more = 2.0 * units.m, 3.0 * units.m
    for function in (lambda q: (q + more) ** 2, lambda q: np.maximum(q, more) ** 2):
        with pytest.raises(sd.UnsupportedError, match="a quantity of the function's own"):
            sd.grad(function)(length)
        assert sd.grad(lambda q, k: (q + k) ** 2)(length, more) == 10.0 * units.m
