"""Every verb beside the gradient, of formulas and NumPy functions, against other ways to it."""

import itertools
import pickle
import runpy
import subprocess
import sys

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import symdiff as sd
from symdiff.api import from_recipe
from symdiff.emit.recipe import read_recipe
from tests.strategies import examples, graphs

ROSENBROCK = "100*(y-x**2)**2+(1-x)**2"
NUMBERS = st.floats(-2.0, 2.0).map(lambda x: round(x, 3))
X = np.linspace(-0.7, 0.9, 3)
A = np.arange(6.0).reshape(2, 3) / 6.0 - 0.3


def layer(x, A):
    return np.tanh(A @ x)


def loss(x, A):
    return np.sum(np.tanh(A @ x) ** 2)


def dense(found, shape):
    values, (rows, columns) = found
    matrix = np.zeros(shape)
    matrix[rows, columns] = values
    return matrix


def difference(function, x, u, step=1e-6):
    return (function(x + step * u) - function(x - step * u)) / (2.0 * step)


# --- formulas ------------------------------------------------------------------------------------

FORMULAS = (
    ROSENBROCK,
    "sin(x*y)*exp(-x**2)",
    "log(1+exp(x*z))+y",
    "sqrt(x**2+y**2)",
    "(x*y, y*z, x**3)",
    "a = x*y; b = sin(a); return a, b*z, 3.0",
)


def symbols(f, outputs):
    """SymPy's symbols of the inputs, as they stand in the outputs."""
    found = {str(x): x for output in outputs for x in sympy.sympify(output).free_symbols}
    return [found.get(name, sympy.Symbol(name)) for name in f.inputs]


@pytest.mark.parametrize("source", FORMULAS)
def test_jacobians_of_formulas_both_ways(source):
    f = sd.function(source)
    point = [0.3 + 0.4 * k for k in range(len(f.inputs))]
    forward, reverse = (f.jacobian(mode=mode)(*point) for mode in ("forward", "reverse"))
    assert forward.shape == (len(f.outputs), len(f.inputs))
    assert np.allclose(forward, reverse, rtol=1e-12, atol=1e-14)
    outputs = f.sympy() if isinstance(f.sympy(), tuple) else (f.sympy(),)
    exact = sympy.Matrix(outputs).jacobian(symbols(f, outputs))
    names = dict(zip(symbols(f, outputs), point, strict=True))
    assert np.allclose(forward, np.array(exact.subs(names).evalf(50), float), rtol=1e-12)
    assert np.array_equal(
        dense(f.jacobian(sparse=True)(*point), forward.shape), f.jacobian()(*point)
    )


@pytest.mark.parametrize("source", FORMULAS[:4])
def test_hessians_of_formulas(source):
    f = sd.function(source)
    point = [0.3 + 0.4 * k for k in range(len(f.inputs))]
    found = f.hessian()(*point)
    found_symbols = symbols(f, (f.sympy(),))
    names = dict(zip(found_symbols, point, strict=True))
    exact = sympy.hessian(f.sympy(), found_symbols).subs(names).evalf(50)
    assert np.allclose(found, np.array(exact, float), rtol=1e-12)
    assert np.array_equal(found, found.T)
    assert np.allclose(found, f.grad().jacobian()(*point))
    v = list(range(1, len(point) + 1))
    assert np.allclose(f.hvp()(*point, *v), found @ v)
    assert np.array_equal(dense(f.hessian(sparse=True)(*point), found.shape), found)


def test_products_of_formulas():
    f = sd.function("(x*y, y**2)")
    assert f.jvp().inputs == ("x", "y", "x_dot", "y_dot")
    assert f.jvp()(2.0, 3.0, 1.0, 0.5) == ((6.0, 9.0), (4.0, 3.0))
    assert f.vjp().inputs == ("x", "y", "f1_bar", "f2_bar")
    assert f.vjp()(2.0, 3.0, 1.0, 0.5) == ((6.0, 9.0), (3.0, 5.0))
    assert f.jvp("x")(2.0, 3.0, 1.0) == ((6.0, 9.0), (3.0, 0.0))


def test_batches_broadcast():
    h = sd.function(ROSENBROCK).hessian()
    ys, xs = np.linspace(0, 1, 4)[:, None], np.linspace(-1, 1, 3)
    found = h(ys, xs)
    assert found.shape == (4, 3, 2, 2)
    assert np.allclose(found[2, 1], h(float(ys[2, 0]), float(xs[1])))
    values, (rows, _) = sd.function(ROSENBROCK).hessian(sparse=True)(ys, xs)
    assert values.shape == (4, 3, len(rows))


def test_any_order():
    f = sd.function("x**3*y**2")
    third = f.hessian().jacobian()(2.0, 3.0)
    assert third.shape == (2, 2, 2)
    x, y = sympy.symbols("x y")
    for (i, j, k), found in np.ndenumerate(third):
        exact = sympy.diff(x**3 * y**2, *[(x, y)[n] for n in (i, j, k)])
        assert found == pytest.approx(float(exact.subs({x: 2, y: 3})))
    assert f.jacobian().jacobian().jacobian()(2.0, 3.0).shape == (1, 2, 2, 2)
    assert f.grad("x").grad("x").grad("x")(2.0, 3.0) == 54.0


def test_large_sparse_matrices_are_filled():
    names = [f"x{k}" for k in range(30)]
    f = sd.function(" + ".join(f"{a}*{b}**2" for a, b in itertools.pairwise(names)))
    point = np.linspace(0.1, 1.0, 30)
    found = f.hessian()(*point)
    assert found.shape == (30, 30)
    assert np.count_nonzero(found) == 29 * 3
    g = f.grad()
    for k in (0, 13, 29):
        u = np.eye(30)[k]
        assert np.allclose(difference(lambda p: np.array(g(*p)), point, u), found[k], atol=1e-8)
    stacked = f.hessian()(*[np.array([a, a]) for a in point])
    assert np.array_equal(stacked[1], found)


@given(graphs(), st.data())
@examples(25)
def test_random_graphs_both_ways(graph, data):
    from symdiff.derive.jacobian import entries
    from tests.evaluate import outputs

    wrt = graph.input_names
    point = {name: data.draw(NUMBERS) for name in wrt}
    found = []
    for mode in ("forward", "reverse"):
        made, places = entries(graph, wrt, mode)
        matrix = np.zeros((len(graph.outputs), len(wrt)))
        for place, number in zip(places, outputs(made, point), strict=True):
            matrix[place] = number
        found.append(matrix)
    known = np.isfinite(found[0]) & np.isfinite(found[1])  # 0*inf may be in one of them alone
    assert np.allclose(found[0][known], found[1][known], rtol=1e-9, atol=1e-9)


# --- NumPy functions -----------------------------------------------------------------------------


def test_jacobians_of_arrays():
    found = sd.jacobian(layer)(X, A)
    assert found.shape == (2, 3)
    exact = (1.0 - layer(X, A) ** 2)[:, None] * A
    assert np.allclose(found, exact, rtol=1e-14)
    for mode in ("forward", "reverse"):
        assert np.allclose(sd.jacobian(layer, mode=mode)(X, A), exact)
    by_x, by_a = sd.jacobian(layer, wrt=("x", "A"))(X, A)
    assert np.array_equal(by_x, found)
    assert by_a.shape == (2, 2, 3)
    assert sd.jacobian(sd.jacobian(layer))(X, A).shape == (2, 3, 3)
    assert sd.jacobian(lambda x: x * x)(3.0) == 6.0


def test_hessians_and_products_of_arrays():
    found = sd.hessian(loss)(X, A)
    assert np.allclose(found, found.T)
    assert np.allclose(sd.hvp(loss)(X, A, X), found @ X)
    value, tangent = sd.jvp(layer)(X, A, X)
    assert np.array_equal(value, layer(X, A))
    assert np.allclose(tangent, sd.jacobian(layer)(X, A) @ X)
    _, (x_bar, a_bar) = sd.vjp(layer, wrt=("x", "A"))(X, A, np.ones(2))
    assert np.allclose(x_bar, np.ones(2) @ sd.jacobian(layer)(X, A))
    assert a_bar.shape == A.shape
    both = sd.hessian(loss, wrt=("x", "A"))(X, A)
    assert np.allclose(both[0][1].reshape(3, 6), both[1][0].reshape(6, 3).T)
    u = np.array([1.0, -2.0, 0.5])
    assert np.allclose(difference(lambda x: sd.grad(loss)(x, A), X, u), found @ u, atol=1e-8)


def test_structures_are_mirrored():
    def energy(p):
        return np.sum(p["w"] ** 2) * p["b"]

    point = {"w": X, "b": 2.0}
    found = sd.hessian(energy)(point)
    assert np.allclose(found["w"]["w"], 4.0 * np.eye(3))
    assert np.allclose(found["w"]["b"], 2.0 * X)
    assert found["b"]["b"] == 0.0
    product = sd.hvp(energy)(point, {"w": X, "b": 1.0})
    assert np.allclose(product["w"], 6.0 * X)


def test_several_outputs():
    def both(x, y):
        return x * y, np.sum(x)

    by_output = sd.jacobian(both)(X, X)
    assert np.allclose(by_output[0], np.diag(X))
    assert np.allclose(by_output[1], np.ones(3))
    value, cotangent = sd.vjp(both)(X, X, np.ones(3), 2.0)
    assert np.allclose(value[0], X * X)
    assert np.allclose(cotangent, X + 2.0)


def test_inside_of_other_functions():
    found = sd.grad(lambda x: np.sum(sd.jvp(layer)(x, A, X)[1]))(X)
    u = np.array([0.3, 1.0, -0.4])
    slope = difference(lambda x: np.sum(sd.jvp(layer)(x, A, X)[1]), X, u)
    assert np.sum(found * u) == pytest.approx(slope, rel=1e-7)


def test_sparse_matrices_of_arrays():
    def chain(x):
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

    x = np.linspace(-1.0, 1.0, 80)
    full = sd.hessian(chain)(x)
    made = sd.function(chain, shapes={"x": (80,)}).hessian(sparse=True)
    assert np.allclose(dense(made(x), (80, 80)), full)
    assert "sparse: 238 of 6400 entries" in made.notes
    module = made.load()
    values, rows, starts = module.hessian_csc(x)
    scipy_sparse = pytest.importorskip("scipy.sparse")
    matrix = scipy_sparse.csc_array((values, rows, starts), shape=module.SHAPE)
    assert np.allclose(matrix.toarray(), full)
    assert np.allclose(scipy_sparse.coo_array(made(x), shape=(80, 80)).toarray(), full)
    assert np.allclose(dense(sd.hessian(chain, sparse=True)(x), (80, 80)), full)


def test_a_dense_pattern_works_and_is_said_to_be_dense():
    made = sd.function(lambda x: np.outer(x, x) @ x, shapes={"x": (4,)}).jacobian(sparse=True)
    assert any(note.endswith("(dense)") for note in made.notes)
    x = np.arange(4.0)
    assert np.allclose(dense(made(x), (4, 4)), np.outer(x, x) * 2 + np.eye(4) * (x @ x))


# --- modules -------------------------------------------------------------------------------------

ARRAYS = {"x": (3,), "A": (2, 3)}
MODULES = {
    **{f"numbers {verb}": (ROSENBROCK, None, verb, {}) for verb in ("jvp", "vjp", "hvp")},
    "numbers jacobian": ("(x*y, sin(x)*z)", None, "jacobian", {}),
    "numbers jacobian sparse": ("(x*y, sin(x)*z)", None, "jacobian", {"sparse": True}),
    "numbers hessian": (ROSENBROCK, None, "hessian", {}),
    "numbers hessian sparse": (ROSENBROCK, None, "hessian", {"sparse": True}),
    **{f"arrays {verb}": (layer, ARRAYS, verb, {}) for verb in ("jvp", "vjp", "jacobian")},
    "arrays hvp": (loss, ARRAYS, "hvp", {}),
    "arrays hessian": (loss, ARRAYS, "hessian", {}),
    "arrays hessian sparse": (loss, ARRAYS, "hessian", {"sparse": True}),
    "arrays jacobian sparse": (layer, ARRAYS, "jacobian", {"sparse": True}),
}


@pytest.mark.parametrize("name", MODULES)
def test_modules_stand_alone_and_check_themselves(name, tmp_path):
    source, shapes, verb, options = MODULES[name]
    made = getattr(sd.function(source, shapes=shapes), verb)(**options)
    path = made.write(tmp_path / "g.py")
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{verb} by {made.wrt[0]}: 12 points compared, off by")
    assert from_recipe(read_recipe(path.read_text())).emit() == path.read_text()
    assert pickle.loads(pickle.dumps(made)).emit() == path.read_text()
    for line in path.read_text().splitlines():
        assert len(line) <= 100


@pytest.mark.parametrize("verb", ["jvp", "vjp", "hvp", "jacobian", "hessian"])
def test_the_self_check_finds_mistakes(verb, tmp_path):
    text, main, tail = (
        getattr(sd.function("sin(x)*y**2+x"), verb)()
        .emit()
        .partition('@np.errstate(all="ignore")\ndef _self_check')
    )
    damaged = text.replace("cos(x)", "(1.001*cos(x))").replace(
        "sin_x = sin(x)", "sin_x = 1.01*sin(x)"
    )
    if damaged == text or verb in ("hvp", "hessian"):
        damaged = text.replace("2.0 *", "2.02 *")
    assert damaged != text
    path = tmp_path / "g.py"
    path.write_text(damaged + main + tail)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(path), run_name="__main__")
    assert ended.value.code == 1


def test_products_are_pickled():
    made = pickle.loads(pickle.dumps(sd.hvp(loss)))
    assert np.array_equal(made(X, A, X), sd.hvp(loss)(X, A, X))


def test_leading_axes_of_arrays():
    source = "x: [3]; x*x*x[0]"
    f, plain = sd.function(source, batch=True), sd.function(source)
    x = np.arange(1.0, 7.0).reshape(2, 3)
    for verb, more in (("jacobian", ()), ("jvp", (x,)), ("vjp", (x,))):
        found = getattr(f, verb)()(x, *more)
        alone = getattr(plain, verb)()(x[1], *[a[1] for a in more])
        pairs = [(found, alone)] if verb == "jacobian" else zip(found, alone, strict=True)
        for stacked, one in pairs:
            assert np.allclose(stacked[1], one)
    with pytest.raises(sd.UnsupportedError, match="leading batch axes"):
        f.jacobian(sparse=True)


def test_float32_stays_float32():
    x, a = X.astype(np.float32), A.astype(np.float32)
    assert sd.jacobian(layer)(x, a).dtype == np.float32
    assert sd.jacobian(layer, sparse=True)(x, a)[0].dtype == np.float32
    assert sd.hessian(loss)(x, a).dtype == np.float32
    value, cotangent = sd.vjp(layer)(x, a, np.ones(2, np.float32))
    assert (value.dtype, cotangent.dtype) == (np.float32, np.float32)
    assert sd.jacobian(layer)(x, A).dtype == np.float64


# --- refusals ------------------------------------------------------------------------------------


def test_bad_calls():
    with pytest.raises(sd.UnsupportedError, match="a Hessian needs a number"):
        sd.hessian(layer)(X, A)
    with pytest.raises(sd.UnsupportedError, match="a Hessian needs one output"):
        sd.function("(x, y)").hessian()
    for call in (
        lambda: sd.jvp(layer)(X, A, np.ones(4)),
        lambda: sd.vjp(layer)(X, A, np.ones(3)),
        lambda: sd.hvp(loss)(X, A, np.ones((3, 1))),
    ):
        with pytest.raises(ValueError, match="expected the shape"):
            call()
    with pytest.raises(sd.SymdiffError, match="there is no mode 'sideways'"):
        sd.function("x**2").jacobian(mode="sideways")
    with pytest.raises(sd.UnsupportedError, match="sparse derivative"):
        sd.function("x**2*y").hessian(sparse=True).jacobian()
    with pytest.raises(sd.SymdiffError, match="called with the arguments and then 1 tangent"):
        sd.jvp(layer)()
    with pytest.raises(sd.UnsupportedError, match="no inputs"):
        sd.function("3.0").jacobian()


@pytest.mark.parametrize(
    ("source", "verb", "options"),
    [
        ("lambda**2*E+I*S*N", "hessian", {}),
        ("jacobian*hessian*ROWS*SHAPE*_stacked*np", "hessian", {}),
        ("ROWS**2*COLUMNS*STARTS*np*jacobian", "jacobian", {"sparse": True}),
        ("x_dot*x*f_bar", "jvp", {}),
        ("x_dot*x*f_bar", "vjp", {}),
        ("value*hvp*_hvp", "hvp", {}),
        ("ROWS: [3]; PARTS: [3]; sum(ROWS**3*PARTS*ROWS[0])", "hessian", {"sparse": True}),
        ("seeds: [3]; part1: [3]; seeds*seeds*part1", "jacobian", {"sparse": True}),
    ],
)
def test_any_name_is_an_input(source, verb, options, tmp_path):
    f = sd.function(source, wrt=0) if "sparse" in options and "[" in source else sd.function(source)
    made = getattr(f, verb)(**options)
    path = made.write(tmp_path / "g.py")
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    point = [np.linspace(0.5, 1.0, 3) if made.shapes[name] else 0.5 for name in made.inputs]
    made(*point)
    if "sparse" in options:
        getattr(made.load(), f"{verb}_csc")(*point)
