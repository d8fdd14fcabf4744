"""All operations by name."""

from __future__ import annotations

from collections.abc import Mapping

from symdiff.ops import control, elementwise, special
from symdiff.ops.operation import Operation

OPERATIONS: Mapping[str, Operation] = {
    record.name: record
    for room in (control, elementwise, special)
    for record in vars(room).values()
    if isinstance(record, Operation)
}
