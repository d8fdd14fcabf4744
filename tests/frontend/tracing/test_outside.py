"""What is read from outside while a function runs would be frozen in its trace: refused."""

from __future__ import annotations

import gc
import io
import json
import logging
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from os import environ, getenv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import X, refusal

os.environ.setdefault("SYMDIFF_TEST_SCALE", "3")
FILE = Path(tempfile.gettempdir()) / f"numbers_for_test_outside_{os.getpid()}.txt"


READS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "open": ("open", lambda x: x.sum() * float(open(FILE).read().split()[0])),  # noqa: SIM115, PTH123
    "io_open": ("open", lambda x: x.sum() * float(io.open(FILE).read().split()[0])),  # noqa: UP020, SIM115
    "path_open": ("open", lambda x: x.sum() * float(FILE.open().readline().split()[0])),
    "read_text": ("open", lambda x: x.sum() * float(FILE.read_text().split()[0])),
    "read_bytes": ("open", lambda x: x.sum() * len(FILE.read_bytes())),
    "json": ("open", lambda x: x.sum() * json.load(FILE.open())),
    "loadtxt": ("np.loadtxt", lambda x: x.sum() * np.loadtxt(FILE)[0]),
    "genfromtxt": ("np.genfromtxt", lambda x: x.sum() * np.genfromtxt(FILE)[0]),
    "load": ("np.load", lambda x: x.sum() * np.load(FILE)[0]),
    "fromfile": ("np.fromfile", lambda x: x.sum() * np.fromfile(FILE, np.uint8)[0]),
    "memmap": ("np.memmap", lambda x: x.sum() * np.memmap(FILE)[0]),
    "environ": ("os.environ", lambda x: x.sum() * float(os.environ["SYMDIFF_TEST_SCALE"])),
    "environ_by_name": ("os.environ", lambda x: x.sum() * float(environ["SYMDIFF_TEST_SCALE"])),
    "environ_get": ("os.environ", lambda x: x.sum() * float(os.environ.get("SYMDIFF_TEST_SCALE"))),
    "environ_default": ("os.environ", lambda x: x.sum() * float(environ.get("NONE_OF_IT", "2"))),
    "environ_holds": ("os.environ", lambda x: x.sum() * ("SYMDIFF_TEST_SCALE" in os.environ)),
    "environ_copied": ("os.environ", lambda x: x.sum() * len(dict(os.environ))),
    "getenv": ("os.environ", lambda x: x.sum() * float(os.getenv("SYMDIFF_TEST_SCALE"))),
    "getenv_by_name": ("os.environ", lambda x: x.sum() * float(getenv("SYMDIFF_TEST_SCALE"))),
    "input": ("input", lambda x: x.sum() * float(input())),
    "listdir": ("os.listdir", lambda x: x.sum() * len(os.listdir("."))),  # noqa: PTH208
    "local_time": ("time.localtime", lambda x: x.sum() * time.localtime().tm_year),
    "strftime": ("time.strftime", lambda x: x.sum() * float(time.strftime("%Y"))),
    "caught": ("open", lambda x: x.sum() * careful()),
}


def careful() -> float:
    try:
        return float(FILE.read_text().split()[0])
    except Exception:
        return 1.0


@pytest.fixture(autouse=True, scope="module")
def file() -> Any:
    FILE.write_text("2.5 1.5\n")
    yield
    FILE.unlink()


@pytest.mark.parametrize("name", READS)
def test_is_refused(name: str) -> None:
    word, function = READS[name]
    error = refusal(function, X)
    assert word in error.message
    assert "at every call" in error.message
    assert "test_outside.py, line " in str(error)
    assert error.suggestion


def test_what_is_written_and_imported(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reading_module.py").write_text(
        "import os\nSCALE = float(os.environ['SYMDIFF_TEST_SCALE'])\n"
        "with open(__file__) as file:\n    TEXT = file.read()\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    def function(x: Any) -> Any:
        import reading_module

        warnings.warn("a warning of its own", UserWarning, stacklevel=1)
        logging.getLogger("of its own").warning("said")
        with (tmp_path / "log.txt").open("w") as log:
            log.write("traced")
        return x.sum() * reading_module.SCALE

    with pytest.warns(UserWarning, match="of its own"):
        assert sd.grad(function)(X).tolist() == [3.0] * 3
    assert (tmp_path / "log.txt").read_text() == "traced"
    assert os.environ["SYMDIFF_TEST_SCALE"] == "3"


def test_what_the_collectors_callbacks_read_is_not_the_functions():
    """As `distributed` reads its process's memory: whenever the collector runs, in any thread."""

    def reading(phase, info):
        with open(os.devnull) as file:  # noqa: PTH123
            file.read()

    threshold = gc.get_threshold()
    gc.callbacks.append(reading)
    gc.set_threshold(1)
    try:
        assert sd.grad(lambda x: np.sum([x * k for k in range(20)]))(1.0) == 190.0
    finally:
        gc.callbacks.remove(reading)
        gc.set_threshold(*threshold)
