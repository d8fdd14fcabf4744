"""Targets of the user's own: a table, statements and a template beside those of symdiff."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import symdiff as sd
from symdiff.emit.targets import TARGETS, register
from symdiff.errors import UnsupportedError
from tests.emit.lua import LUA
from tests.test_commands import run

GRADIENT = """
local M = {}

--[[ The value f = x**2*exp(y). ]]
function M.value(x, y)
    return x * x * math.exp(y)
end

--[[ The value and (df/dx = 2*exp(y)*x, df/dy = x**2*exp(y)); smooth everywhere. ]]
function M.value_and_grad(x, y)
    local exp_y = math.exp(y)
    local f = x * x * exp_y
    return f, {2.0 * (exp_y * x), f}
end

--[[ The gradient alone. ]]
function M.grad(x, y)
    return select(2, M.value_and_grad(x, y))
end

return M
"""


@pytest.fixture(autouse=True)
def _lua() -> Iterator[None]:
    register(LUA)
    yield
    del TARGETS["lua"]


def test_its_text_is_that_of_its_tables_and_template() -> None:
    text = sd.function("x**2*exp(y)").grad().emit(target="lua")
    assert text.startswith("--[[ The function f and its gradient by x, y. ]]\n-- symdiff ")
    assert text.endswith(GRADIENT)


def test_choices_and_words_are_luas() -> None:
    text = sd.function("where(x != 0 and not y > x, sin(x), -cos(y)**y)").emit(target="lua")
    assert "    local v = x ~= 0.0 and not (y > x)\n" in text
    assert "    return v and math.sin(x) or -(v and 1.0 or math.cos(y))^y\n" in text


def test_it_is_a_target_of_the_command_line() -> None:
    done = run("grad", "x**2*exp(y)", "--target", "lua")
    assert done.exit_code == 0
    assert done.stdout.endswith(GRADIENT)


def test_what_it_cannot_write_is_refused_with_the_targets_that_can() -> None:
    with pytest.raises(UnsupportedError) as refusal:
        sd.function("x + tan(y)").emit(target="lua")
    assert refusal.value.message == "the target 'lua' cannot write the operation 'tan'"
    assert str(refusal.value.suggestion).startswith("targets that can: numpy, python, array-api")
    assert refusal.value.column == 5
    with pytest.raises(UnsupportedError, match="no arrays"):
        sd.function("x: [3]; f = 2*x").emit(target="lua")
    with pytest.raises(UnsupportedError, match="'until' hides"):
        sd.function("until*2").emit(target="lua")


def test_it_is_no_module_of_python() -> None:
    with pytest.raises(UnsupportedError, match="no module of Python"):
        sd.function("x*y").load(target="lua")


def test_lua_computes_it(tmp_path: Path) -> None:
    found = next(filter(None, map(shutil.which, ("lua", "lua5.4", "lua5.3", "luajit"))), None)
    if found is None:
        pytest.skip("no interpreter of Lua is installed")
    made = sd.function("where(x > y, x**2*exp(y), sin(x))").grad()
    made.write(tmp_path / "g.lua", target="lua")
    script = "g = dofile('g.lua').grad(1.5, 0.5); print(g[1], g[2])"
    done = subprocess.run(
        [found, "-e", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert [float(x) for x in done.stdout.split()] == pytest.approx(made(1.5, 0.5), rel=1e-12)
