"""Emitted files as a person would leave them: formatted, linted, typed; lean; for SciPy."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.api import Function
from symdiff.emit.load import load
from symdiff.emit.recipe import read_recipe, why_no_recipe
from symdiff.emit.source import merged
from symdiff.emit.targets import TARGETS, emitted
from symdiff.errors import SymdiffError, UnsupportedError
from tests.programs import oracle
from tests.programs.test_programs import loss_of
from tests.test_commands import run

ROSENBROCK = "(1 - x)**2 + 100*(y - x**2)**2"
CHAIN = "x: [6]; sum(100*(x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)"
REGRESSION = "X: [N, 3]; w: [3]; y: [N]; c: float; sum((X @ w - y)**2)*c + sum(w**4)"
MIXED = "where(x > 0, sqrt(x)*exp(-y), sin(y)) + maximum(x, y)**2 + erf(x)*clip(y, 0, 1)"
LABELS = "W: [4, 3]; X: [N, 4]; labels: int [N]; s = X @ W; sum(s[arange(N), labels]**2)"
SOURCES = [ROSENBROCK, CHAIN, REGRESSION, MIXED, LABELS]
VERBS = ["grad", "jvp", "vjp", "hvp", "jacobian", "hessian", "laplacian"]


def newton(a: float) -> float:
    x = a
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x


def tariff(units: float) -> float:
    if units < 0.0:
        raise ValueError(f"{units} units is negative")
    if units <= 100.0:
        return 0.12 * units
    return 12.0 + 0.3 * (units - 100.0) ** 1.1


def rollout(w: Any, x: Any) -> Any:
    h = np.zeros(2)
    loss = 0.0
    for k in range(x.shape[0]):
        h = np.tanh(w @ h + x[k])
        loss = loss + h[0] ** 2
    return loss


PROGRAMS = [(newton, {}), (tariff, {}), (rollout, {"w": (2, 2), "x": "N"})]


def wrt_of(text: str) -> str | None:
    return {REGRESSION: "w, c", LABELS: "W"}.get(text)


def texts(folder: Path) -> None:
    """Files of every verb, of numbers, arrays and programs, sparse, batched, lean, of several."""
    for number, text in enumerate(SOURCES):
        made = sd.function(text, wrt=wrt_of(text))
        found = {verb: getattr(made, verb)().emit() for verb in VERBS}
        found |= {"value": made.emit(), "lean": made.grad().emit(lean=True)}
        found["all"] = module_of([getattr(made, verb)() for verb in VERBS]).text
        if text in (ROSENBROCK, CHAIN):
            found["sparse"] = made.hessian(sparse=True).emit()
        if text != ROSENBROCK:
            found["batch"] = sd.function(text, wrt=wrt_of(text), batch=True).grad().emit()
        for target in ("python", "array-api"):
            with contextlib.suppress(UnsupportedError):
                module = sd.module(made.grad(), made.hvp(), target=target)
                found |= {target: made.grad().emit(target), f"{target}_all": module.emit()}
        for name, code in found.items():
            (folder / f"m{number}_{name}.py").write_text(code, encoding="utf-8")

    for program, shapes in PROGRAMS:
        made = sd.function(program, shapes=shapes or None)
        for verb in ("grad", "hvp", "jvp"):
            code = getattr(made, verb)().emit()
            (folder / f"{program.__name__}_{verb}.py").write_text(code, encoding="utf-8")


def module_of(functions: list[Function]) -> Any:
    return emitted(merged([function.source for function in functions]))


def test_files_are_formatted_linted_and_typed(tmp_path: Path) -> None:
    tools = Path(sys.executable).parent
    if not (tools / "ruff").exists() or not (tools / "mypy").exists():
        pytest.skip("ruff or mypy is not installed")
    texts(tmp_path)
    (tmp_path / "mypy.ini").write_text("[mypy]\n")
    commands = [
        [tools / "ruff", "format", "--isolated", "--diff", "."],
        [tools / "ruff", "check", "--isolated", "."],
        [
            tools / "mypy",
            "--config-file",
            "mypy.ini",
            *sorted(p.name for p in tmp_path.glob("*.py")),
        ],
    ]
    for command in commands:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


# programs whose branches, slices and sums were once written as no formatter leaves them
CORPUS = """
constructs/worst_loss engineering/queue equations/lentz equations/newton_sqrt finance/drawdown
geometry/ray_sphere images/hsv learning/convolution_layer learning/nearest_neighbours
matrices/cholesky physics/bucket_model statistics/kalman_filter tables/bellman_ford
""".split()


def test_programs_are_formatted_and_linted(tmp_path: Path) -> None:
    ruff = Path(sys.executable).parent / "ruff"
    if not ruff.exists():
        pytest.skip("ruff is not installed")
    for name in CORPUS:
        made = oracle.program(name)
        derived = sd.value_and_grad(loss_of(made), wrt=made.wrt)
        derived(**made.examples[0])
        (tmp_path / f"{made.path.stem}.py").write_text(derived.emit(), encoding="utf-8")
    for command in (["format", "--isolated", "--diff", "."], ["check", "--isolated", "."]):
        done = subprocess.run(
            [ruff, *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


# --- several derivatives in one module ---------------------------------------------------------


@pytest.mark.parametrize("text", [ROSENBROCK, CHAIN, REGRESSION])
def test_several_derivatives_share_a_module(text: str) -> None:
    made = sd.function(text, wrt=wrt_of(text))
    parts = [getattr(made, verb)() for verb in VERBS]
    module = load(module_of(parts))
    random = np.random.default_rng(3)
    shapes = {name: tuple(4 if n == "N" else n for n in s) for name, s in made.shapes.items()}
    point = [random.uniform(0.5, 1.5, shape)[()] for shape in shapes.values()]
    for verb, part in zip(VERBS, parts, strict=True):
        vectors = [random.normal(size=shapes[n])[()] for n in made.wrt]
        own = vectors if verb in ("hvp", "jvp") else [1.5] if verb == "vjp" else []
        own = [np.float64(x) if np.ndim(x) == 0 else x for x in own]
        wanted = part(*point, *own)
        assert_same(getattr(module, verb)(*point, *own), wanted)
        floats = [x.astype(np.float32) for x in [*map(np.asarray, point), *map(np.asarray, own)]]
        kinds = {np.asarray(x).dtype for x in flat(getattr(module, verb)(*floats))}
        assert kinds == {np.dtype(np.float32)}
    assert module._self_check("hvp", 2) == module._self_check("vjp", 1) == 0


def flat(found: Any) -> list[Any]:
    return [x for part in found for x in flat(part)] if isinstance(found, tuple) else [found]


def assert_same(found: Any, wanted: Any) -> None:
    for a, b in zip(flat(found), flat(wanted), strict=True):
        assert np.array_equal(a, b)


def test_sparse_derivatives_share_a_module() -> None:
    made = sd.function("x**2*y + exp(y*z) + z**3")
    parts = [made.hessian(sparse=True), made.jacobian(sparse=True)]
    module = load(module_of(parts))
    for part, name in zip(parts, ("hessian", "jacobian"), strict=True):
        wanted, (rows, columns) = part(0.5, 0.7, 0.2)
        found, where = getattr(module, name)(0.5, 0.7, 0.2)
        assert_same((found, *where), (wanted, rows, columns))


def test_other_functions_do_not_share_a_module() -> None:
    f, g = sd.function("x*y"), sd.function("x + y")
    with pytest.raises(SymdiffError, match="derivatives of one function"):
        merged([f.grad().source, g.hvp().source])
    with pytest.raises(SymdiffError, match="by x and by y"):
        merged([f.grad("x").source, f.hvp("y").source])


# --- SciPy -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [ROSENBROCK, CHAIN])
def test_scipy_minimizes_with_second_derivatives(text: str) -> None:
    optimize = pytest.importorskip("scipy.optimize")
    made = sd.function(text)
    module = load(module_of([made.grad(), made.hvp(), made.hessian()]))
    start = np.full(2 if text == ROSENBROCK else 6, -0.5)
    fun = module.packed_value_and_grad
    for method, options in [
        ("trust-krylov", {"hessp": module.hessp}),
        ("Newton-CG", {"hessp": module.hessp}),
        ("trust-exact", {"hess": module.hess}),
    ]:
        found = optimize.minimize(fun, start, jac=True, method=method, **options)
        assert np.allclose(found.x, 1.0, atol=1e-4), method


def test_scipy_takes_a_sparse_hessian() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    for text in (CHAIN, ROSENBROCK):
        made = sd.function(text)
        module = load(module_of([made.grad(), made.hessian(sparse=True)]))
        start = np.full(2 if text == ROSENBROCK else 6, -0.5)
        found = optimize.minimize(
            module.packed_value_and_grad,
            start,
            jac=True,
            hess=module.hess,
            method="trust-constr",
        )
        assert np.allclose(found.x, 1.0, atol=1e-3)
        dense = made.hessian()(*([start] if text == CHAIN else start))
        assert np.allclose(module.hess(start).toarray(), dense)


def test_scipy_hands_on_what_is_not_differentiated_by() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    made = sd.function(REGRESSION, wrt="w")
    module = load(module_of([made.grad(), made.hvp(), made.hessian()]))
    random = np.random.default_rng(1)
    data = random.normal(size=(20, 3)), random.normal(size=20), 2.0
    found = optimize.minimize(
        module.packed_value_and_grad,
        np.zeros(3),
        args=data,
        jac=True,
        hessp=module.hessp,
        method="trust-ncg",
    )
    assert np.allclose(module.packed_value_and_grad(found.x, *data)[1], 0.0, atol=1e-4)
    assert np.allclose(
        module.hess(found.x, *data) @ np.ones(3), module.hessp(found.x, np.ones(3), *data)
    )


def test_hessian_of_blocks_is_one_matrix() -> None:
    made = sd.function(REGRESSION, wrt="w, c")
    module = load(module_of([made.grad(), made.hvp(), made.hessian()]))
    random = np.random.default_rng(1)
    theta, others = random.normal(size=4), (random.normal(size=(5, 3)), random.normal(size=5))
    found = module.hess(theta, *others)
    for column in np.eye(4):
        assert np.allclose(found @ column, module.hessp(theta, column, *others))


# --- lean files and templates ------------------------------------------------------------------


def test_lean_functions_stand_alone() -> None:
    text = sd.function("x**2 + y**3 + 2*z").grad().emit(lean=True)
    module: dict[str, Any] = {}
    exec(compile(text, "<lean>", "exec"), module)
    assert {n for n in module if n[0] != "_"} == {"np", "Any", "value", "grad", "value_and_grad"}
    assert module["grad"](3, 2, 1) == (6.0, 12.0, 2.0)
    x = np.arange(4)
    value, gradient = module["value_and_grad"](x, 2.0, np.ones((3, 1)))
    assert value.shape == (3, 4)
    assert all(part.shape == (3, 4) for part in gradient)
    identity = sd.function("x*y").grad().emit(lean=True)
    exec(compile(identity, "<lean>", "exec"), module)
    points = np.ones(3), np.full(3, 2.0)
    assert not any(np.shares_memory(a, b) for a in module["grad"](*points) for b in points)


@pytest.mark.parametrize("name", ["np", "_floats", "special"])
def test_lean_functions_of_inputs_that_hide_a_name(name: str) -> None:
    text = sd.function(f"{name}**2*erf({name})").grad().emit(lean=True)
    module: dict[str, Any] = {}
    exec(compile(text, "<lean>", "exec"), module)
    assert module["value"](0.5) == pytest.approx(0.25 * 0.5204998778130465)


def test_lean_file_holds_no_recipe() -> None:
    text = sd.function("x**2").grad().emit(lean=True)
    assert read_recipe(text) is None
    assert why_no_recipe(text) == "it was made with --lean"
    former = '"""The function f."""\n# symdiff 0.1.0, sha256 0, recipe: {"source":"x"}\n'
    assert read_recipe(former) is None
    assert "anew" in why_no_recipe(former)


MODULES = [name for name, target in TARGETS.items() if target.entry is not None]
OF_PYTHON = [name for name in MODULES if TARGETS[name].is_python]


@pytest.mark.parametrize("target", OF_PYTHON)
def test_own_templates_are_found_first(tmp_path: Path, target: str) -> None:
    made = sd.function("x**2").grad()
    with pytest.raises(SymdiffError, match=r"^there is no folder of templates"):
        made.emit(target, templates=tmp_path / "none")
    assert made.emit(target, templates=tmp_path) == made.emit(target)
    own = tmp_path / TARGETS[target].template
    own.parent.mkdir()
    own.write_text("# ours\n{% for d in functions %}\n{{ d.head }}\n    pass\n{% endfor %}\n")
    assert made.emit(target, templates=tmp_path).startswith("# ours\ndef value(x")
    for wrong, reason in [
        ("\n\n{{ nonsense }}\n", "line 3: 'nonsense' is undefined"),
        ("{% for x in %}", "line 1: "),
        ("\n{{ 1 + title }}", "line 2: TypeError"),
        ("\n{% include 'numpy/other.j2' %}", "line 2: "),
    ]:
        own.write_text(wrong)
        with pytest.raises(SymdiffError, match=reason) as caught:
            made.emit(target, templates=tmp_path)
        assert str(own) in str(caught.value)
    own.write_text("def (")
    with pytest.raises(SymdiffError, match="give no Python"):
        made.emit(target, templates=tmp_path)


@pytest.mark.parametrize("target", MODULES)
def test_files_of_all_targets_hold_their_recipe(tmp_path: Path, target: str) -> None:
    file = tmp_path / ("g.py" if TARGETS[target].is_python else "g.c")
    sd.module(sd.function("x**2*y").grad(), sd.function("x**2*y").hvp(), target=target).write(file)
    assert run("verify", str(file)).exit_code == 0
    file.write_text(file.read_text().replace("x * x", "x * y"))
    assert run("verify", str(file)).exit_code == 1


@pytest.mark.parametrize("target", [name for name in OF_PYTHON if name != "numba"])
def test_lean_files_of_all_targets(target: str) -> None:
    made = sd.function("x**2*y").grad()
    text = made.emit(target, lean=True)
    assert "recipe:" not in text
    assert "def pack" not in text
    module: dict[str, Any] = {}
    exec(compile(text, "<lean>", "exec"), module)
    assert module["grad"](3.0, 2.0) == (12.0, 9.0)
    through = sd.module(made, target=target, lean=True)
    assert through.emit() == text


def test_source_says_what_it_is_made_of() -> None:
    source = replace(sd.function("x").grad().source, is_lean=True)
    assert not source.is_packed


@pytest.mark.parametrize(
    ("target", "name", "language"),
    [
        ("c", "x.py", "Python"),
        ("numpy", "x.c", "C"),
        ("numba", "X.H", "C"),
        ("python", "x.cpp", "C"),
    ],
)
def test_a_name_that_says_another_language_is_refused(
    target: str, name: str, language: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    done = run("grad", "x**2+y**3", "--target", target, "-o", str(file))
    assert done.exit_code == 2
    assert f"'{file}' is the name of a file of {language}, and" in done.stderr
    assert not list(tmp_path.iterdir())
