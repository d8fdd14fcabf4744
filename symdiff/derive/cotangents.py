"""Cotangents that count where conditions hold: their sums, and how conditions are joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import and_, or_
from typing import NamedTuple

from symdiff.derive.conditions import cover_everything
from symdiff.graph.shape import SCALAR
from symdiff.ops.control import where
from symdiff.ops.handle import Handle, Masked
from symdiff.ops.reduction import broadcast, broadcast_to


class Cotangent(NamedTuple):
    """A cotangent that counts where a condition holds, everywhere if there is none.

    Where the condition does not hold the cotangent is zero, whatever `raw` says: a branch that
    was not taken may hold NaN there, and zero times NaN is NaN. So the condition travels along
    and is applied where cotangents meet.

    A sign travels along too, as most end in a sum or at another sign: no line is made for it.
    """

    raw: Handle
    active: Handle | None = None
    is_selected: bool = False  # whether `raw` is zero already where the condition does not hold
    is_negative: bool = False  # whether it is `-raw`

    def signed(self) -> Cotangent:
        """The same, with its sign as a line."""
        if not self.is_negative:
            return self
        return Cotangent(-self.raw, self.active, self.is_selected)

    def selected(self) -> Handle:
        """The cotangent as a number: zero where it does not count."""
        raw = -self.raw if self.is_negative else self.raw
        return raw if self.active is None or self.is_selected else where(self.active, raw, 0.0)


def total_of(parts: list[Cotangent]) -> Cotangent:
    """The sum, in the order in which the lines stand. Conditions that differ are applied."""
    ordered = parts[::-1]
    if all([part[1] is None for part in parts]):  # most of them
        return _raw_total(ordered)
    masked = [part for part in parts if part.active is not None]
    conditions = {part.active.at: part.active for part in masked if part.active is not None}
    if len(masked) == len(parts) and len(conditions) == 1:
        are_selected = all([part.is_selected for part in parts])
        return _raw_total(ordered)._replace(active=parts[0].active, is_selected=are_selected)
    total = ordered[0].selected()
    for part in ordered[1:]:
        total = total + part.selected()
    truths = [(one_truth(condition), condition) for condition in conditions.values()]
    asked = [(whole if truth is None else truth).at for truth, whole in truths]
    if len(masked) < len(parts) or cover_everything(total.builder.nodes, asked):
        return Cotangent(total)
    first, *others = conditions.values()
    for other in others:
        first = _joined(first, other, or_)
    return Cotangent(total, first, is_selected=True)


def _raw_total(parts: Sequence[Cotangent]) -> Cotangent:
    """The sum, whatever the conditions are."""
    if len(parts) > 2 and len({part.raw.at for part in parts}) < len(parts):
        parts = _once_each(parts)
    total, _, _, is_negative = parts[0]
    for part in parts[1:]:
        if is_negative == part.is_negative:
            total = total + part.raw
        elif is_negative:
            total, is_negative = part.raw - total, False
        else:
            total = total - part.raw
    return Cotangent(total, is_negative=is_negative)


def _once_each(parts: Sequence[Cotangent]) -> list[Cotangent]:
    """The same sum with a multiple of what is in it several times."""
    counts: dict[int, int] = {}
    for part in parts:
        counts[part.raw.at] = counts.get(part.raw.at, 0) + (-1 if part.is_negative else 1)
    found = []
    for raw in {part.raw.at: part.raw for part in parts}.values():
        count = counts[raw.at]
        if count:
            found.append(Cotangent(raw * abs(count), is_negative=count < 0))
    return found or [Cotangent(0.0 * parts[0].raw)]


def handed_on(part: Masked | None, active: Handle | None) -> Cotangent | None:
    """What a rule with branches hands on, where the cotangent that it was given counts."""
    if part is None:
        return None
    condition = part.condition if active is None else _joined(active, part.condition, and_)
    return Cotangent(part.cotangent, condition)


def active_of(part: Handle, active: Handle | None, truth: Handle | None) -> Handle | None:
    """Where a part of a cotangent counts: one truth holds for it too, whatever its shape."""
    return active if truth is None else broadcast_to(truth, part.shape)


def one_truth(active: Handle | None) -> Handle | None:
    """The condition where it is one truth for all elements, which then holds for all shapes."""
    if active is None or active.shape == SCALAR:
        return active
    node = active.builder.nodes[active.at]
    inner = Handle(active.builder, node.args[0]) if node.op == broadcast.name else None
    return inner if inner is not None and inner.shape == SCALAR else None


def _joined(one: Handle, other: Handle, operation: Callable[[Handle, Handle], Handle]) -> Handle:
    """Two conditions as one, which is one truth for all elements where both are."""
    truths = one_truth(one), one_truth(other)
    if one.shape == SCALAR or one.shape != other.shape or truths[0] is None or truths[1] is None:
        return operation(one, other)
    return broadcast_to(operation(truths[0], truths[1]), one.shape)
