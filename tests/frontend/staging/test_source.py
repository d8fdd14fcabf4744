"""Definitions found by their code: by the lines that it comes from, and in the file as a whole."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
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
