"""Tangents that count where conditions hold, as cotangents do."""

from __future__ import annotations

from typing import NamedTuple

from symdiff.ops.control import where
from symdiff.ops.handle import Handle


class Active(NamedTuple):
    """A tangent that counts where a condition holds; elsewhere it is zero.

    Attributes:
        raw: the tangent where it counts.
        condition: of its shape.
        is_selected: whether `raw` is zero already where the condition does not hold.
    """

    raw: Handle
    condition: Handle
    is_selected: bool = False


Tangent = Handle | None  # None is zero
Moving = Tangent | Active


def counting(tangent: Moving, condition: Handle | None) -> tuple[Handle, bool] | None:
    """One that counts under this condition, and whether it is selected; `None` for any other."""
    if not isinstance(tangent, Active):
        return None if tangent is None or condition is not None else (tangent, True)
    if condition is None or tangent.condition.at != condition.at:
        return None
    return tangent.raw, tangent.is_selected


def selected(tangent: Moving) -> Tangent:
    """A tangent that is zero where it does not count."""
    if not isinstance(tangent, Active):
        return tangent
    return tangent.raw if tangent.is_selected else where(tangent.condition, tangent.raw, 0.0)
