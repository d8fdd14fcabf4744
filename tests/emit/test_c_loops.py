"""Functions of loops in C and for Numba: errors against many digits, and what is compiled."""

from __future__ import annotations

import ctypes
import platform
import subprocess
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpmath import mp, mpf
from scipy import special

import symdiff as sd
from symdiff.emit.native.library import compiler
from symdiff.emit.spell.c_loops import FUNCTIONS, IN_LOOPS
from tests.emit.compilers import compiled
from tests.emit.test_c import STRICT, check_strict

OF_TWO = ["logaddexp"]
NAMES = [op.removesuffix(IN_LOOPS) for op in FUNCTIONS if op.removesuffix(IN_LOOPS) not in OF_TWO]
MOST = {
    "expm1": 1.5,
    "tanh": 1.5,
    "erf": 1.5,
    "erfc": 2.0,
    "ndtr": 2.0,
}  # ulp, as the comments say; else 1
EXACT: dict[str, Callable[[Any], Any]] = {
    name: mp.ncdf if name == "ndtr" else getattr(mp, name) for name in NAMES
}
DOMAINS = {"log": 1e-45, "log1p": -1.0 + 2.0**-24}  # the least argument that has a number
COUNT = 3000

pytestmark = compiled


BY = [(target, dtype) for target in ("c", "numba") for dtype in ("float64", "float32")]
by = pytest.mark.parametrize(("target", "dtype"), BY)


def mapped(name: str, target: str, dtype: str) -> Any:
    """A function of one array, by a loop."""
    return loaded(f"x: [N]; {name}(x)", target, dtype).value


def loaded(text: str, target: str, dtype: str) -> Any:
    if target == "numba":
        pytest.importorskip("numba", reason="Numba is not installed")
    return sd.function(text).load(target, dtype=dtype)


def hard(name: str, dtype: str) -> Iterator[np.ndarray]:
    """Arguments from where the function has its ways and its ends."""
    random, info = np.random.default_rng(1), np.finfo(dtype)
    least, most = float(np.log(float(info.smallest_subnormal))), float(np.log(float(info.max)))
    tiny = float(info.smallest_normal)
    yield random.uniform(-1.0, 1.0, COUNT)
    yield random.normal(0.0, 1e-6, COUNT)
    yield np.float_power(10.0, random.uniform(-37.0, 1.5, COUNT)) * random.choice([-1, 1], COUNT)
    yield random.uniform(-1.0, 1.0, COUNT) * tiny
    if name in ("exp", "expm1"):
        yield random.uniform(least - 1.0, most, COUNT)
        yield random.uniform(-50.0, 50.0, COUNT)
        yield random.uniform(least - 1.0, least + 40.0, COUNT)
        middles = (np.arange(-60, 60) + 0.5) * np.log(2.0)  # where k changes
        yield np.concatenate([middles, np.nextafter(middles, 0.0), np.nextafter(middles, 9e9)])
    elif name in ("log", "log1p"):
        yield np.exp(random.uniform(least, most, COUNT))
        yield 1.0 + random.normal(0.0, 1e-5, COUNT)
        yield random.uniform(0.7, 1.42, COUNT)
        roots = np.sqrt(2.0) * 2.0 ** np.arange(-30, 30)
        yield np.concatenate([roots, np.nextafter(roots, 0.0), np.nextafter(roots, 9e30)])
    elif name in ("erf", "erfc", "ndtr"):
        yield random.uniform(-6.0, 6.0, COUNT)
        yield random.uniform(0.0, 28.0, COUNT) * (-1.4 if name == "ndtr" else 1.0)
        yield 0.5 * (-1.4142135623730951 if name == "ndtr" else 1.0) + random.normal(
            0.0, 1e-3, COUNT
        )
    else:
        yield random.uniform(0.0, 0.4, COUNT)
        yield random.uniform(-22.0, 22.0, COUNT)
        middles = (np.arange(0, 60) + 0.5) * np.log(2.0) / 2.0
        yield np.concatenate([middles, np.nextafter(middles, 0.0), np.nextafter(middles, 9e9)])


@lru_cache
def _precise() -> None:
    mp.prec = 200


@by
@pytest.mark.parametrize("name", NAMES)
def test_errors_are_what_the_comments_say(name: str, target: str, dtype: str) -> None:
    function, info = mapped(name, target, dtype), np.finfo(dtype)
    _precise()
    for given in hard(name, dtype):
        x = np.asarray(given, dtype)
        x = x[x >= DOMAINS.get(name, -np.inf)]
        for at, found in zip(x.tolist(), function(x).tolist(), strict=True):
            exact = EXACT[name](mpf(at))
            size = abs(exact)
            if size > mpf(float(info.max)):
                continue  # rounding decides: see the test of edges
            step = mpf(float(np.spacing(np.asarray(max(float(size), 0.0), dtype))))
            assert abs(mpf(found) - exact) <= MOST.get(name, 1.0) * step, (at, found)


EDGES = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 1e-45, -1e-45, 5e-324, 3e38, -3e38]
EDGES += [1e308, -1e308, 709.7, 709.8, -745.1, -745.2, 88.7, 88.8, -103.9, -104.1, 19.1, 9.1]


@by
@pytest.mark.parametrize("name", NAMES)
def test_edges_are_numpys(name: str, target: str, dtype: str) -> None:
    with np.errstate(all="ignore"):
        x = np.asarray(EDGES * 2, dtype)
        wanted = getattr(np, name, None) or getattr(special, name)
        wanted = wanted(x)
    found = mapped(name, target, dtype)(x)
    assert found.dtype == wanted.dtype
    eps = float(np.finfo(dtype).eps)  # SciPy's own functions are off by more
    np.testing.assert_allclose(found, wanted, rtol=(4 if hasattr(np, name) else 100) * eps)
    np.testing.assert_array_equal(np.signbit(found)[x == 0.0], np.signbit(wanted)[x == 0.0])


@by
def test_functions_of_two_are_numpys(target: str, dtype: str) -> None:
    random, eps = np.random.default_rng(2), float(np.finfo(dtype).eps)
    pairs = [(a, b) for a in EDGES for b in EDGES]
    with np.errstate(all="ignore"):
        drawn = np.concatenate([random.normal(0.0, 9.0, (COUNT, 2)), pairs]).astype(dtype)
        a, b = np.ascontiguousarray(drawn.T)
        found = loaded("a: [N]; b: [N]; logaddexp(a, b)", target, dtype).value(a, b)
        wanted = np.logaddexp(a.astype(np.longdouble), b).astype(dtype)
        scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), 1.0)  # they may cancel
        is_near = np.abs(found - wanted) <= 4 * eps * scale
    assert np.all(np.where(np.isfinite(wanted), is_near, _same(found, wanted)))


def _same(a: Any, b: Any) -> Any:
    return (a == b) | ((a != a) & (b != b))


# --- where they are called -----------------------------------------------------------------------


def test_a_call_of_numbers_is_the_librarys() -> None:
    text = sd.function("exp(x)").grad().emit("c")
    assert "real_" not in text


def test_a_loop_that_needs_its_last_step_calls_the_library() -> None:
    text = sd.function(_decay, shapes={"x": ("N",)}).emit("c")
    assert "real_exp" not in text


def _decay(x: Any) -> Any:
    level = 0.0
    for row in x:
        level = np.exp(-level) + row
    return level


def test_a_loop_that_calls_the_library_anyway_calls_it_alone() -> None:
    assert "real_exp" not in sd.function("x: [N]; exp(x)*gamma(x)").emit("c")
    assert "real_exp" in sd.function("x: [N]; exp(x)*sqrt(maximum(x, 0))").emit("c")


SEVERAL = "log(S/K)*exp(-r*T)*tanh(S) + exp(K)"


def test_many_points_have_a_loop_of_their_own() -> None:
    text = sd.function(SEVERAL).grad().emit("c")
    value, batch = text.index("double f_value("), text.index("void f_value_batch(")
    assert "real_" not in text[value:batch]
    assert "real_log(S_k / K_k)" in text[batch:]
    assert "real_" not in sd.function(SEVERAL).grad().emit("c", lean=True)


def test_many_points_of_numba_have_a_function_of_their_own() -> None:
    text = sd.function(SEVERAL).grad().emit("numba")
    of_one, of_many = text.index("def _value("), text.index("def _value_of_points(")
    assert "_real_" not in text[of_one:of_many]
    assert "_real_log(S / K)" in text[of_many:]
    assert "_of_points" not in sd.function("gamma(x)*exp(x)").emit("numba")
    assert "_of_points" not in sd.function("exp(x)").emit("numba", dtype="float32")


@pytest.mark.parametrize("target", ["c", "numba"])
@pytest.mark.parametrize("verb", ["grad", "jacobian", "hessian", "hvp"])
def test_many_points_are_numpys(verb: str, target: str) -> None:
    function = getattr(sd.function(SEVERAL), verb)()
    random = np.random.default_rng(3)
    given = [random.uniform(0.5, 2.0, 1000) for _ in range(4)]
    given[2] = 0.03  # one for all points
    vectors = [random.normal(size=1000) for _ in range(4)] * (verb == "hvp")
    name = "value_and_grad" if verb == "grad" else verb
    if target == "numba":
        pytest.importorskip("numba", reason="Numba is not installed")
    found = getattr(function.load(target), name)(*given, *vectors)
    wanted = getattr(function.load("numpy"), name)(*given, *vectors)
    for one, other in zip(_flat(found), _flat(wanted), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-13)


def _flat(found: Any) -> Iterator[Any]:
    if isinstance(found, tuple):
        for part in found:
            yield from _flat(part)
    else:
        yield found


# --- what compilers make of them -----------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_compilers_have_nothing_to_say(dtype: str, tmp_path: Path) -> None:
    terms = " + ".join([*[f"{name}(x)" for name in NAMES], "logaddexp(x, 1)"])
    check_strict(sd.function(f"x: [N]; {terms}").emit("c", dtype=dtype), tmp_path)
    check_strict(sd.function(f"{terms}").grad().emit("c", dtype=dtype), tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_loops_become_vectors(name: str, tmp_path: Path) -> None:
    words = "-O2 -ftree-vectorize -fno-math-errno -fno-trapping-math -mavx2 -fopt-info-vec".split()
    text = sd.function(f"x: [N]; {name}(x)").emit("c", lean=True)
    (tmp_path / "g.c").write_text(text)
    command = [*compiler(), "-std=c99", *words, "-c", "g.c", "-o", "g.o"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    if done.returncode or "optimized" not in done.stderr + _version():
        pytest.skip("no GCC for x86")
    assert "loop vectorized" in done.stderr


@pytest.mark.skipif(platform.machine() != "x86_64", reason="looks for words of x86")
@pytest.mark.parametrize("name", [*NAMES, "sqrt(maximum(x, 0))*exp"])
def test_numbas_loops_become_vectors(name: str) -> None:
    for text, body in ((f"x: [N]; {name}(x)", "_value"), (f"{name}(x)", "_value_on_arrays")):
        module = uncached(text)
        module["value"](np.ones(100))
        function = module[body]
        library = function.overloads[function.signatures[0]].library
        assert "mulpd" in library.get_asm_str()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="looks for words of x86")
@pytest.mark.parametrize("name", NAMES)
def test_numbas_loops_over_floats_of_32_bits_become_vectors(name: str) -> None:
    module = uncached(f"x: [N]; {name}(x)", dtype="float32")
    module["value"](np.ones(100, np.float32))
    function = module["_value"]
    assembly = function.overloads[function.signatures[0]].library.get_asm_str()
    assert "mulps" in assembly
    assert "mulpd" not in assembly


def uncached(text: str, **options: Any) -> dict[str, Any]:
    """What a module of Numba's has; of what comes from a cache, its code is not shown."""
    pytest.importorskip("numba", reason="Numba is not installed")
    found: dict[str, Any] = {"__name__": "uncached"}
    exec(sd.function(text).emit("numba", **options).replace("cache=True, ", ""), found)
    return found


@lru_cache
def _version() -> str:
    done = subprocess.run([*compiler(), "--version"], capture_output=True, text=True, check=False)
    return "optimized" if "Free Software Foundation" in done.stdout else ""


def test_the_sanitizers_find_nothing(tmp_path: Path) -> None:
    x = np.asarray(EDGES)
    for name in NAMES:
        text = sd.function(f"x: [N]; {name}(x)").emit("c", lean=True)
        (tmp_path / f"{name}.c").write_text(text)
        words = [*STRICT, "-fsanitize=undefined", "-fno-sanitize-recover", "-shared", "-fPIC"]
        library = tmp_path / f"{name}.so"
        command = [*compiler(), *words, f"{name}.c", "-o", str(library), "-lm"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip("no sanitizer")
        y = np.empty_like(x)
        symbol = "y_value" if hasattr(ctypes.CDLL(str(library)), "y_value") else "f_value"
        call = getattr(ctypes.CDLL(str(library)), symbol)
        call(ctypes.c_ssize_t(x.size), *[ctypes.c_void_p(a.ctypes.data) for a in (x, y)])
