"""The benchmark of one function: what it measures is there, right, and says what it does not do."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path
from typing import Any

import pytest

import symdiff as sd
from symdiff.errors import SymdiffError
from symdiff.verify import bench as module
from symdiff.verify.contestants import FOREIGN
from tests.test_commands import run

NUMPY, PLAIN = "symdiff, numpy", "NumPy, as written"


@pytest.fixture
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ways alone, which are quick."""
    monkeypatch.setattr(module, "modules", lambda: ["numpy"])
    monkeypatch.setattr(module, "FOREIGN", {PLAIN: FOREIGN[PLAIN]})


def rows_of(report: Any) -> dict[str, Any]:
    return {row.way: row for row in report.rows}


@pytest.mark.usefixtures("_few")
def test_functions_of_numbers_at_several_sizes() -> None:
    report = sd.function("x**2*exp(-y)").bench(sizes=(1, 100), bound=60.0)
    rows = rows_of(report)
    assert [*rows] == [NUMPY, PLAIN]
    ours, plain = rows[NUMPY], rows[PLAIN]
    assert ours.operations == sd.function("x**2*exp(-y)").grad().ops
    assert plain.operations == 4
    assert ours.first_seconds > 0
    assert ours.memory >= 0
    assert [part.size for part in ours.times] == [1, 100]
    assert all(part.value > 0 and part.gradient > 0 for part in ours.times)
    assert all(part.value > 0 and math.isnan(part.gradient) for part in plain.times)
    assert (
        str(report).splitlines()[0].split()[-6:] == "value 1 grad 1 value 100 grad 100".split()[-6:]
    )


@pytest.mark.usefixtures("_few")
def test_functions_of_arrays_at_lengths_of_their_dimensions() -> None:
    made = sd.function("X: [N, 2]; w: [2]; sum((X @ w)**2)", wrt="w")
    report = made.bench(sizes=(3, 50), bound=60.0)
    assert report.sizes == (3, 50)
    assert all(len(row.times) == 2 and not row.remark for row in report.rows)
    fixed = sd.function("x: [3]; sum(x**2)").bench(bound=60.0)
    assert fixed.sizes == (1,)
    with pytest.raises(SymdiffError, match="there are none to choose"):
        sd.function("x: [3]; sum(x**2)").bench(sizes=(4,))


@pytest.mark.parametrize("name", FOREIGN)
def test_other_tools_give_the_same_numbers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if FOREIGN[name].needs and importlib.util.find_spec(FOREIGN[name].needs) is None:
        pytest.skip(f"{FOREIGN[name].needs} is not installed")
    monkeypatch.setattr(module, "modules", lambda: ["numpy"])
    monkeypatch.setattr(module, "FOREIGN", {name: FOREIGN[name]})
    report = sd.function("x**2*exp(-y)*sin(x*y)").bench(sizes=(1, 5), bound=60.0)
    row = rows_of(report)[name]
    assert not row.remark
    assert len(row.times) == 2


def test_a_way_that_fails_or_differs_says_so() -> None:
    row = module.BenchRow("it")
    assert module._compared(row, [1.0, 2.0], [1.0, 2.0]).remark == ""
    assert module._compared(row, [1.0, 2.1], [1.0, 2.0]).remark == "gives other numbers"
    report = sd.function("erfinv(x)").bench(at={"x": 0.5}, sizes=(1,), bound=60.0)
    assert "cannot write the operation 'erfinv'" in rows_of(report)["symdiff, python"].remark


@pytest.mark.usefixtures("_few")
def test_the_command(tmp_path: Path) -> None:
    result = run("bench", "x**2", "--sizes", "1", "--seconds", "60", "--format", "json", "-q")
    data = json.loads(result.stdout)
    assert data["sizes"] == [1]
    assert [row["way"] for row in data["rows"]] == [NUMPY, PLAIN]
    assert data["rows"][1]["times"][0]["gradient"] is None
    for arguments, words in (
        (("--sizes", "1,a"), "takes whole numbers"),
        (("--sizes", "0"), "a size is at least 1"),
        (("--seconds", "0"), "must be more than 0"),
        (("--at", "y=1"), "not an input"),
    ):
        refused = run("bench", "x**2", *arguments)
        assert refused.exit_code == 2
        assert words in refused.stderr
        assert "Traceback" not in refused.stderr


@pytest.mark.usefixtures("_few")
def test_plots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = sd.function("x**2").bench(sizes=(1, 10), bound=60.0)
    if importlib.util.find_spec("matplotlib") is not None:
        assert report.plot(tmp_path / "g.svg").read_text().startswith("<?xml")
        with pytest.raises(SymdiffError, match="cannot write"):
            report.plot(tmp_path / "no" / "g.svg")
        with pytest.raises(SymdiffError, match="cannot write"):
            report.plot(tmp_path / "g.nothing")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = run("bench", "x", "--plot", str(tmp_path / "h.svg"))
    assert result.exit_code == 2
    assert "needs the package 'matplotlib'" in result.stderr
