"""The catalogue of lowerings: each name is entered once."""

from __future__ import annotations

import pytest

from symdiff.frontend.lowering.registry import Registry

MODULE = """
@registry.named("tanh")
def tanh(b, x):
    return x
"""


def test_a_module_whose_import_was_interrupted_is_imported_again() -> None:
    registry = Registry()
    for _ in range(2):
        exec(MODULE, {"registry": registry, "__name__": "hyperbolic"})
    assert [*registry] == ["tanh"]


def test_two_functions_of_one_name_are_a_mistake() -> None:
    registry = Registry()
    exec(MODULE, {"registry": registry, "__name__": "hyperbolic"})
    with pytest.raises(AssertionError, match="tanh"):
        exec(MODULE, {"registry": registry, "__name__": "another"})
