"""Whether C can be compiled here, for tests that do."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from symdiff.emit.native.library import compiler
from symdiff.errors import SymdiffError


def has_compiler() -> bool:
    """Whether there is a compiler."""
    try:
        compiler()
    except SymdiffError:
        return False
    return True


compiled = pytest.mark.skipif(not has_compiler(), reason="no C compiler is there")
C = pytest.param("c", marks=compiled)  # the target
NUMBA = pytest.param(
    "numba", marks=pytest.mark.skipif(find_spec("numba") is None, reason="Numba is not here")
)
COMPILED_TARGETS = (C, NUMBA)
