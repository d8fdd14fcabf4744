"""Examples that call emitted files from elsewhere: a service, and a program in C++."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "examples"


def emit(path: Path, folder: Path) -> None:
    """Run the command of symdiff's that an example's comment shows."""
    text = re.sub(r"\\\n#?", "", path.read_text("utf-8"))
    (command,) = re.findall(r"^(?:# )?symdiff (.*)$", text, re.MULTILINE)
    words = [sys.executable, "-m", "symdiff", *shlex.split(command)]
    found = os.environ | {"PYTHONPATH": str(FOLDER.parent)}
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, env=found)
    assert done.returncode == 0, done.stderr


def test_a_program_in_cpp_minimises_by_the_c_target(tmp_path: Path) -> None:
    compilers = [shutil.which("cc"), shutil.which("c++")]
    if None in compilers:
        pytest.skip("no compiler")
    source = FOLDER / "cpp_caller" / "fit.cpp"
    emit(source, tmp_path)
    cc, cpp = map(str, compilers)
    linked = [source, "rosenbrock.o", "-o", "fit", "-lm"]
    for words in (
        [cc, "-O2", "-c", "rosenbrock.c"],
        [cpp, "-O2", "-Wall", "-Wextra", "-Werror", "-I.", *linked],
    ):
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    printed = subprocess.run([tmp_path / "fit"], capture_output=True, text=True, check=True).stdout
    x, y, value = map(float, re.findall(r"-?\d+\.\d+(?:e[-+]\d+)?", printed))
    np.testing.assert_allclose([x, y, value], [1.0, 1.0, 0.0], atol=1e-6)


@pytest.mark.filterwarnings("ignore:Using `httpx`")
def test_a_service_answers_with_value_and_gradient(tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("fastapi")
    from fastapi.testclient import TestClient

    source = FOLDER / "service" / "app.py"
    emit(source, tmp_path)
    shutil.copy(source, tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    client = TestClient(importlib.import_module("app").app)
    X, y = np.array([[1.0, 2.0, 3.0], [0.5, -1.0, 0.0]]), np.array([1.0, -1.0])
    w = np.array([0.1, 0.2, -0.3])
    asked = {"w": w.tolist(), "X": X.tolist(), "y": y.tolist()}
    answer = client.post("/value_and_grad", json=asked).json()
    margin = y * (X @ w)
    assert answer["value"] == pytest.approx(np.log1p(np.exp(-margin)).mean(), rel=1e-12)
    by_w = -(X * (y / (1.0 + np.exp(margin)))[:, None]).mean(axis=0)
    np.testing.assert_allclose(answer["gradient"], by_w, rtol=1e-12)
    refused = client.post("/value_and_grad", json=asked | {"w": [0.0]})
    assert refused.status_code == 422
    assert "w: expected the shape (3,)" in refused.json()["detail"]
    assert "Shapes: " in client.get("/").json()["value"]
