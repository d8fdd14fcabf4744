"""Refusals that a test passes over: by their messages, or of a target by its name."""

import contextlib
from collections.abc import Iterator
from typing import Any

from symdiff.api import Function
from symdiff.errors import UnsupportedError


@contextlib.contextmanager
def passing_over(*messages: str) -> Iterator[None]:
    """Let what is refused with one of some messages pass; anything else is an error."""
    try:
        yield
    except UnsupportedError as refused:
        if not any(message in str(refused) for message in messages):
            raise


def loaded_or_refused(function: Function, target: str) -> Any:
    """The module of a target; `None` where it refuses, by name."""
    try:
        return function.load(target)
    except UnsupportedError as refusal:
        message = str(refusal)
    assert f"the target '{target}'" in message
    return None
