"""SciPy's signals, images, samples, distances and matrices: values SciPy's, slopes differences."""

import numpy as np
import pytest

import symdiff as sd
from symdiff.errors import UnsupportedError
from tests.frontend.lowering.slopes import assert_derivatives

pytest.importorskip("scipy")
from scipy import integrate, interpolate, linalg, ndimage, optimize, signal, sparse, spatial
from scipy.spatial import distance

X = np.array([0.3, 1.2, 0.7, 2.0, 1.1, 0.45])
TAPS = np.array([0.2, 0.5, 0.4])
EVEN = np.array([0.2, 0.5, 0.4, 0.1])
PLACES = np.array([0.0, 1.0, 2.5, 3.0, 4.0, 4.5])
ROWS = np.array([[0.5, 1.5], [2.0, 0.3], [1.1, 0.9]])
WEIGHTS = np.array([[0.1, 0.2, 0.3], [0.4, 0.6, 0.1]])
METRICS = (
    "euclidean sqeuclidean cityblock chebyshev cosine correlation braycurtis canberra "
    "jensenshannon seuclidean"
).split()
SPARSE = sparse.csr_array(np.cos(np.arange(30.0) ** 2).reshape(5, 6) * (np.arange(6) % 3 != 1))
MODES = "reflect mirror nearest wrap constant".split()

# functions of six numbers
CASES = {
    **{f"convolve {m}": lambda x, m=m: signal.convolve(x, TAPS, m)
       for m in ("full", "same", "valid")},
    **{f"correlate {m}": lambda x, m=m: signal.correlate(x, EVEN, mode=m)
       for m in ("full", "same", "valid")},
    "convolve both": lambda x: signal.convolve(x, x[:3], mode="same"),
    "convolve longer": lambda x: signal.convolve(x[:2], x, mode="valid"),
    "correlate longer": lambda x: signal.correlate(x[:2], x, mode="valid"),
    "fftconvolve": lambda x: signal.fftconvolve(x, TAPS),
    "lfilter": lambda x: signal.lfilter(TAPS, [1.0, 0.3, -0.2], x),
    "lfilter by b": lambda x: signal.lfilter(x[:2], [2.0, 0.3], x),
    "lfilter of zeros": lambda x: signal.lfilter(x[:2], 1.0, x),
    **{f"correlate1d {m}": lambda x, m=m: ndimage.correlate1d(x, EVEN, mode=m) for m in MODES},
    **{f"convolve1d {m}": lambda x, m=m: ndimage.convolve1d(x, EVEN, mode=m) for m in MODES},
    "convolve1d origin": lambda x: ndimage.convolve1d(x.reshape(2, 3), TAPS, axis=0, origin=1),
    "center of mass": lambda x: ndimage.center_of_mass(x.reshape(2, 3) ** 2)[1],
    "correlate image": lambda x: ndimage.correlate(x.reshape(2, 3), WEIGHTS),
    "convolve image": lambda x: ndimage.convolve(
        x.reshape(2, 3), WEIGHTS, mode="constant", cval=0.5
    ),
    "convolve by weights": lambda x: ndimage.convolve1d(X, x[:3]),
    "gaussian": lambda x: ndimage.gaussian_filter1d(x, 0.8),
    "gaussian image": lambda x: ndimage.gaussian_filter(
        x.reshape(2, 3), (0.5, 0.7), mode="nearest"
    ),
    "uniform": lambda x: ndimage.uniform_filter1d(x, 3),
    **{f"gaussian of the order {n}": lambda x, n=n: ndimage.gaussian_filter1d(x, 0.7, order=n)
       for n in (1, 2, 3)},
    "gaussian of an order each": lambda x: ndimage.gaussian_filter(
        x.reshape(2, 3), 0.6, order=(1, 0), mode=("wrap", "nearest"), radius=(1, 2)
    ),
    **{f"sobel {m}": lambda x, m=m: ndimage.sobel(x.reshape(2, 3), axis=0, mode=m, cval=0.5)
       for m in MODES},
    "prewitt": lambda x: ndimage.prewitt(x.reshape(2, 3), mode=["mirror", "wrap"]),
    **{f"laplace {m}": lambda x, m=m: ndimage.laplace(x.reshape(2, 3), mode=m) for m in MODES},
    "gaussian laplace": lambda x: ndimage.gaussian_laplace(x.reshape(2, 3), (0.5, 0.8)),
    "gaussian slopes": lambda x: ndimage.gaussian_gradient_magnitude(x.reshape(2, 3), 0.6),
    **{f"uniform image {m}": lambda x, m=m: ndimage.uniform_filter(
        x.reshape(2, 3), (1, 2), mode=m, origin=(0, -1)) for m in MODES},
    **{
        f"map_coordinates {m} {n}": lambda x, m=m, n=n: ndimage.map_coordinates(
            x.reshape(2, 3), [[0.2, 0.7, -0.3, 1.6], [1.9, 0.1, 2.7, -1.4]], order=n, mode=m,
            cval=0.3,
        )
        for m in ("constant", "nearest", "mirror", "wrap") for n in (0, 1)
    },
    **{
        f"map_coordinates by places {m}": lambda x, m=m: ndimage.map_coordinates(
            np.outer(X, X), np.stack([4.1 * x - 2.03, 2.9 * x - 0.65]), order=1, mode=m
        )
        for m in ("constant", "nearest", "mirror", "wrap")
    },
    "trapezoid": lambda x: integrate.trapezoid(x**2, PLACES),
    "trapezoid by places": lambda x: integrate.trapezoid(X, x, axis=0),
    "cumulative": lambda x: integrate.cumulative_trapezoid(x**2, PLACES, initial=0),
    "cumulative of rows": lambda x: integrate.cumulative_trapezoid(x.reshape(2, 3), dx=0.5),
    "cumulative by places": lambda x: integrate.cumulative_trapezoid(X, x),
    "simpson": lambda x: integrate.simpson(x**2, x=PLACES),
    "simpson of rows": lambda x: integrate.simpson(x.reshape(2, 3), dx=0.5, axis=0),
    **{f"cdist {m}": lambda x, m=m: distance.cdist(x.reshape(2, 3), WEIGHTS, m) for m in METRICS},
    **{f"pdist {m}": lambda x, m=m: distance.pdist(x.reshape(2, 3), metric=m) for m in METRICS},
    "cdist minkowski": lambda x: distance.cdist(x.reshape(3, 2), ROWS, "minkowski", p=3),
    "mahalanobis": lambda x: distance.cdist(x.reshape(3, 2), ROWS, "mahalanobis"),
    "mahalanobis of a matrix": lambda x: distance.pdist(
        x.reshape(3, 2), "mahalanobis", VI=np.outer(x[:2], x[:2]) + np.eye(2)
    ),
    "seuclidean of variances": lambda x: distance.cdist(
        x.reshape(3, 2), ROWS, "seuclidean", V=x[:2]
    ),
    **{
        f"sparse {name}": product
        for name, product in {
            "before": lambda x: SPARSE @ x,
            "dot": lambda x: SPARSE.dot(x) ** 2,
            "star": lambda x: sparse.csr_matrix(SPARSE) * x,
            "turned": lambda x: SPARSE.T @ (SPARSE @ x),
            "behind": lambda x: x[:5] @ SPARSE,
            "matrix": lambda x: SPARSE @ np.outer(x, x),
            "behind a matrix": lambda x: np.outer(x, x[:5]) @ SPARSE,
        }.items()
    },
    "squareform": lambda x: distance.squareform(x),
    "squareform of a matrix": lambda x: distance.squareform(distance.squareform(x) ** 2),
    "rosen": optimize.rosen,
    "rosen of columns": lambda x: optimize.rosen(x.reshape(3, 2)),
    "hankel": lambda x: linalg.hankel(x),
    "hankel of both": lambda x: linalg.hankel(x[:3], x[2:]),
    "khatri_rao": lambda x: linalg.khatri_rao(x.reshape(3, 2), ROWS),
    "solve_sylvester": lambda x: linalg.solve_sylvester(
        x[:4].reshape(2, 2) + 2.0 * np.eye(2), np.diag(x[4:]), ROWS[:2]
    ),
    "lyapunov": lambda x: linalg.solve_continuous_lyapunov(
        x[:4].reshape(2, 2) + 2.0 * np.eye(2), np.outer(x[4:], x[4:])
    ),
    "expm": lambda x: linalg.expm(x[:4].reshape(2, 2)),
    "expm of large ones": lambda x: linalg.expm(9.0 * x[:4].reshape(2, 2) - 12.0),
    "expm of a stack": lambda x: linalg.expm(np.stack([x[:4].reshape(2, 2), np.diag(x[4:])])),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_value_and_derivative(name):
    assert_derivatives(CASES[name], X, (0, 3, 5), abs_=1e-13)


def test_equal_rows_have_distance_0_and_gradient_0():
    rows = np.array([[1.0, 2.0], [1.0, 2.0], [0.0, 1.0]])
    gradient = sd.grad(lambda x: np.sum(distance.pdist(x)))(rows)
    np.testing.assert_allclose(gradient.sum(0), 0.0, atol=1e-15)
    assert np.all(np.isfinite(gradient))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            lambda x: signal.lfilter([1.0], x[:2], x, zi=x[:1])[0],
            "denominator that is differentiated",
        ),
        (lambda x: signal.filtfilt(x[:2], [1.0], x), "filtfilt of a filter"),
        (lambda x: signal.upfirdn(x, TAPS), "scipy.signal.upfirdn is not supported"),
        (
            lambda x: ndimage.gaussian_filter1d(x, x[0]),
            "must be a known number",
        ),
        (lambda x: distance.pdist(x.reshape(3, 2), "hamming"), "the metric 'hamming'"),
        (lambda x: integrate.simpson(x, x=x), "simpson at places that are differentiated"),
        (lambda x: ndimage.map_coordinates(x, [[0.5]]), "of the order 3 is not supported"),
        (lambda x: ndimage.map_coordinates(x, [[0.5]], order=1, mode="reflect"), "mode='reflect'"),
        (lambda x: ndimage.sobel(x, output=np.zeros(6)), "sobel with output="),
        (lambda x: ndimage.median_filter(x, 3), "scipy.ndimage.median_filter is not supported"),
    ],
)
def test_refused_by_name(function, message):
    with pytest.raises(UnsupportedError, match=message):
        sd.grad(lambda x: np.sum(function(x)))(X)


@pytest.mark.parametrize(
    ("function", "message", "advice"),
    [
        # compiled code that raises errors of its own over the type of an argument
        (
            lambda x: interpolate.RBFInterpolator([[0.0, 1.0], [1.0, 2.0]], x[:, 0])([[0.5, 1.5]]),
            "RBFInterpolator",
            "sd.custom_rule",
        ),
        (
            lambda x: spatial.cKDTree(x).query([0.3] * 3)[0],
            "'cKDTree' is compiled by Cython",
            "sd.custom_rule",
        ),
        (
            lambda x: optimize.fmin_powell(lambda z: (z[0] - x[0, 0]) ** 2, [0.0]),
            "fmin_powell",
            "sd.argmin",
        ),
        (
            lambda x: integrate.tplquad(lambda r, t, s: t * x[0, 0], 0, 1, 0, 1, 0, 1)[0],
            "tplquad",
            "scipy.integrate.quad",
        ),
        (lambda x: integrate.RK45(lambda t, y: -x[0, 0] * y, 0.0, [1.0], 2.0).y, "RK45", "sd.scan"),
    ],
)
def test_a_library_that_does_not_know_tracers_is_refused_with_advice(function, message, advice):
    with pytest.raises(UnsupportedError) as caught:
        sd.grad(lambda x: np.sum(function(x)))(np.array([[0.5, 0.8, 1.1], [0.7, 0.2, 0.4]]))
    assert message in caught.value.message
    assert advice in caught.value.suggestion
    assert caught.value.span is not None


@pytest.mark.parametrize(
    "function",
    [
        lambda data: signal.resample_poly(data, 1, 2, axis=0),
    ],
)
def test_what_is_advised_for_a_linear_function_is_that_function(function):
    matrix, data = function(np.eye(8)), np.cos(np.arange(8.0) ** 2)
    np.testing.assert_allclose(matrix @ data, function(data), atol=1e-12)
