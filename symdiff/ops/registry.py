"""All operations by name."""

from __future__ import annotations

from collections.abc import Mapping

from symdiff.ops import (
    along_axis,
    arithmetic,
    bessel,
    checks,
    complex_numbers,
    contraction,
    control,
    creation,
    decompositions,
    determinants,
    elimination,
    elliptic,
    error_functions,
    even,
    exponential,
    fourier,
    gamma_functions,
    hypergeometric,
    indexing,
    integrals,
    joining,
    kinks,
    lengths,
    linalg,
    loops,
    matrix_functions,
    own_rules,
    product,
    reduction,
    spectra,
    structural,
    triangles,
    trigonometric,
    twins,
    zeta_functions,
)
from symdiff.ops.families import FAMILIES
from symdiff.ops.operation import Operation


class _Registry(dict[str, Operation]):
    """The built-in records, and by lookup alone those registered later.

    Iteration stays with the built-in ones, so what one formula registers does not change the
    tables that list every operation.
    """

    def __missing__(self, name: str) -> Operation:
        record = _REGISTERED.get(name)
        if record is not None:
            return record
        for prefix, maker in FAMILIES.items():
            if name.startswith(prefix):
                return register(maker(name))
        raise KeyError(name)


_REGISTERED: dict[str, Operation] = {}

_ROOMS = (
    checks,
    control,
    arithmetic,
    exponential,
    trigonometric,
    lengths,
    kinks,
    even,
    error_functions,
    gamma_functions,
    zeta_functions,
    bessel,
    elliptic,
    hypergeometric,
    integrals,
    structural,
    indexing,
    joining,
    creation,
    reduction,
    product,
    along_axis,
    contraction,
    complex_numbers,
    fourier,
    linalg,
    matrix_functions,
    decompositions,
    spectra,
    determinants,
    elimination,
    loops,
    own_rules,
    twins,
    triangles,
)

OPERATIONS: Mapping[str, Operation] = _Registry(
    {
        record.name: record
        for room in _ROOMS
        for record in vars(room).values()
        if isinstance(record, Operation)
    }
)

# by the name of an operation, that of the one that stands for it where an argument is complex
COMPLEX_FORMS = {record.of_real: record.name for record in OPERATIONS.values() if record.of_real}


def register(record: Operation) -> Operation:
    """Make a record known under its name; the record that already bears the name wins."""
    if record.name in OPERATIONS:
        return OPERATIONS[record.name]
    return _REGISTERED.setdefault(record.name, record)
