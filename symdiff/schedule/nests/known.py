"""Arrays of known numbers."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from symdiff.ops.creation import made_array
from symdiff.schedule.nests.elements import Known
from symdiff.schedule.program import Op


def _of_bytes(expr: Op) -> Any:
    """The numbers that an operation holds in base 64."""
    import numpy as np

    _, dtype, data = expr.params
    return np.frombuffer(b64decode(data), dtype).astype(expr.dtype)


def _of_numpy(expr: Op) -> Any:
    """What a function of NumPy's makes."""
    name, args, keywords, _ = expr.params
    return made_array(name, args, keywords).astype(expr.dtype)


KNOWN: dict[str, Known] = {
    "array": _of_bytes,
    "index_array": _of_bytes,
    "mask_array": _of_bytes,
    "made": _of_numpy,
}
