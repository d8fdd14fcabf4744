"""The notebooks of the pages: each runs, and holds what a run gives.

Write their results anew with:

    SYMDIFF_DOCS=write python -m pytest tests/test_notebooks.py
"""

from __future__ import annotations

import copy
import importlib.util
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "docs").rglob("*.ipynb"))
RICH = ("text/html", "image/svg+xml", "image/png")  # beside these a text says nothing to a reader
pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("nbclient", "ipykernel", "matplotlib")),
    reason="notebooks cannot be run: the extra docs is not installed",
)


def shown(cell: Any) -> list[Any]:
    """What a cell shows: texts and formulas whole, of tables and images that they are there."""
    found: list[Any] = []
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        rich = [kind for kind in RICH if kind in data]
        texts = [data.get("text/latex"), None if rich else data.get("text/plain")]
        found.append((output.get("text"), rich, texts, output.get("ename")))
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_gives_what_it_holds(path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    stored = nbformat.read(path, as_version=4)
    fresh = copy.deepcopy(stored)
    where = {"metadata": {"path": str(ROOT)}}
    NotebookClient(
        fresh, timeout=300, kernel_name="python3", record_timing=False, resources=where
    ).execute()
    for cell in fresh.cells:
        if "outputs" in cell:  # but for what a bar leaves where the machine was slow
            cell.outputs = [o for o in cell.outputs if o.get("data", {}).get("text/plain") != ""]
    if os.environ.get("SYMDIFF_DOCS") == "write":
        fresh.metadata = stored.metadata
        nbformat.write(fresh, path)
        stored = fresh
    for number, (before, after) in enumerate(zip(stored.cells, fresh.cells, strict=True)):
        assert shown(after) == shown(before), (number, before.source)
    assert any(shown(cell) for cell in stored.cells)
