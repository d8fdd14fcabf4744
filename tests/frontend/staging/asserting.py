"""A function with an assertion, in a file whose assertions pytest leaves as they are."""

from __future__ import annotations

from typing import Any


def asserted(x: Any) -> Any:
    """With an assertion."""
    assert 0 < x < 4, "out of range"
    return x**3
