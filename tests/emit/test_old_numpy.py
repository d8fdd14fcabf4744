"""Emitted files under NumPy 1.26, which is older than what the compiler itself needs.

The environment variable SYMDIFF_OLD_NUMPY names an interpreter that has it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parents[1] / "golden").glob("*.py"))
INTERPRETER = os.environ.get("SYMDIFF_OLD_NUMPY", "")


@pytest.mark.skipif(not INTERPRETER, reason="SYMDIFF_OLD_NUMPY names no interpreter")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_emitted_file_runs(file: Path) -> None:
    probe = "import numpy; print(numpy.__version__)"
    version = subprocess.run([INTERPRETER, "-c", probe], capture_output=True, text=True, check=True)
    assert version.stdout.startswith("1.26."), "the interpreter has another NumPy"
    done = subprocess.run([INTERPRETER, str(file)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
