"""Definitions found by their code: by the lines that it comes from, and in the file as a whole."""

from __future__ import annotations

import ast
import functools
import linecache
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from symdiff.frontend.staging.source import definition_of

FUNCTIONS: list[Callable[..., Any]] = []


def found(function: Callable[..., Any]) -> Callable[..., Any]:
    FUNCTIONS.append(function)
    return function


@found
def ends_with_brackets(
    x: Any,
) -> Any:
    return max(
        x,
        2.0,
    )


@found
def ends_with_what_never_runs(x: Any) -> Any:
    if x > 0:
        return x
    return -x
    return 1.0


@found
def ends_with_a_branch_that_is_left_out(x: Any) -> Any:
    y = x * 2
    if False:
        y = 3
    else:
        pass
    return y


@found
@functools.lru_cache
@functools.cache
def decorated(x: Any) -> Any:
    return (
        """a text
of two lines""",
        x,
    )


class Holder:
    @found
    def method(self, x: Any) -> Any:
        """Of a class."""
        # a remark
        return super().__repr__(), x

    @staticmethod
    def inner(k: Any) -> Callable[..., Any]:
        def nested(x: Any) -> Any:
            return [x * k for k in range(3)]

        return nested


found(Holder.inner(2.0))
found(lambda x: x + 1)
TABLE = {
    "first": lambda x: x
    if x > 0
    else -x,
    "second": lambda x: 2 * x,
}  # fmt: skip
FUNCTIONS += TABLE.values()


@pytest.mark.parametrize("number", range(len(FUNCTIONS)))
def test_the_definition_is_that_of_the_line(number: int) -> None:
    function = FUNCTIONS[number]
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    node = definition_of(function.__code__)
    assert isinstance(node, (ast.FunctionDef, ast.Lambda))
    first = node.decorator_list[0] if getattr(node, "decorator_list", ()) else node
    assert first.lineno == function.__code__.co_firstlineno
    assert getattr(node, "name", "<lambda>") == function.__name__


def test_a_long_file_is_not_parsed_for_one_function(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    parse = ast.parse
    monkeypatch.setattr(
        ast, "parse", lambda text: (sizes.append(len(text.split())), parse(text))[1]
    )
    assert definition_of(ends_with_brackets.__code__) is not None
    assert max(sizes) < 30


LONG = ", ".join(f"{number}.5" for number in range(300))
CHANGED = (
    ("return x + y", "return x - y"),
    ("return x < y", "return x <= y"),
    ("return x is y", "return x is not y"),
    ("return x - y", "return y - x"),
    ("return np.sin(x)", "return np.cos(x)"),
    ("return np.sin(x)", "return math.sin(x)"),
    ("return np.sum(x, axis=0)", "return np.sum(x, keepdims=0)"),
    ("return np.sum(x)", "return np.sum"),
    ("return x * 1.0", "return x * 1"),
    ("return x * 0.0", "return x * -0.0"),
    ("x, y = y, x; return x", "x, y = x, y; return x"),
    ("a = x; b = y; return a", "a = x; b = y; return b"),
    ("return [x for _ in y]", "return [y for _ in x]"),
    ("return lambda: x", "return lambda: y"),
    ("a = b = x; return lambda: (a, b, a)", "a = b = x; return lambda: (a, b, b)"),
    ("return x if y else -x", "return -x if y else x"),
    (
        "if x:\n        if y: x = 1.5\n        else: x = 2.5\n    return x",
        "if x:\n        if y: x = 1.5\n    else: x = 2.5\n    return x",
    ),
    (
        "while x:\n        if y: x = x - 1\n        y = x\n    return y",
        "while x:\n        if y: x = x - 1; y = x\n    return y",
    ),
    (
        "try: x = x + 1; y = y[x]\n    except ValueError: y = 0.5\n    return y",
        "try: x = x + 1\n    except ValueError: y = 0.5\n    else: y = y[x]\n    return y",
    ),
    (
        "try: x = np.sin(x); y = y[x]\n    except ValueError: y = 0.5\n    return y",
        "try: x = np.sin(x)\n    except ValueError: y = 0.5\n    else: y = y[x]\n    return y",
    ),
    (f"return x, [{LONG}][y], 1.25", f"return x, [{LONG}][y], 1.75"),
    (f"return x[{LONG}] + 7.25 * x", f"return x[{LONG}] + x * 7.25"),
)  # fmt: skip


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_a_file_that_has_changed_since_has_no_definition(
    tmp_path: Path, before: str, after: str
) -> None:
    file = tmp_path / "module.py"
    texts = [
        f"import math\nimport numpy as np\ndef f(x, y):\n    {line}\n" for line in (before, after)
    ]
    space: dict[str, Any] = {}
    exec(compile(texts[0], str(file), "exec"), space)
    file.write_text(texts[0])
    assert definition_of(space["f"].__code__) is not None
    file.write_text(texts[1])
    linecache.checkcache(str(file))
    linecache.cache.pop(str(file), None)
    assert definition_of(space["f"].__code__) is None


@pytest.mark.parametrize("before", sorted({before for before, _ in CHANGED}))
def test_what_stands_in_a_long_function_is_found(tmp_path: Path, before: str) -> None:
    """With so many lines before that jumps and constants have large numbers."""
    file = tmp_path / "module.py"
    lines = "".join(f"    if x == {k}.5: y = np.sin(x) + {k}.25\n" for k in range(150))
    text = f"import math\nimport numpy as np\ndef f(x, y):\n{lines}    {before}\n"
    file.write_text(text)
    space: dict[str, Any] = {}
    exec(compile(text, str(file), "exec"), space)
    assert definition_of(space["f"].__code__) is not None
