"""Boxes and arrows of a picture, and its colours.

Blue arrows carry values forward, orange ones cotangents backward: two colours that colour-blind
readers tell apart (M. Okabe and K. Ito, Color universal design, 2008).
"""

from __future__ import annotations

from dataclasses import dataclass, field

FORWARD, BACKWARD, INK, PAPER = "#0072B2", "#D55E00", "#000000", "#FFFFFF"


@dataclass(frozen=True)
class Box:
    """An input, a step, or a line of the source with its steps.

    Attributes:
        key: what arrows call it.
        rows: of its text.
        is_input: whether it is one.
        is_shared: whether more than one step reads it.
        line: of the source; 0 where that is not known.
        slots: of each row that ends with a number, what number that is, as `value:x` or `bar:x`;
            empty where a box stands for many steps.
    """

    key: str
    rows: tuple[str, ...]
    is_input: bool
    is_shared: bool
    line: int
    slots: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arrow:
    """What goes from one box to another: a value forward, or a cotangent backward.

    Attributes:
        start: key of a box.
        end: key of the other.
        label: a local derivative, or a cotangent.
        is_backward: which of them.
        slot: what number the label ends with, as those of boxes.
    """

    start: str
    end: str
    label: str
    is_backward: bool
    slot: str = field(default="", compare=False)
