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
        frame: key of the frame that it stands in; empty for none.
    """

    key: str
    rows: tuple[str, ...]
    is_input: bool
    is_shared: bool
    line: int
    slots: tuple[str, ...] = ()
    frame: str = ""


@dataclass(frozen=True)
class Arrow:
    """What goes from one box to another: a value forward, or a cotangent backward.

    Attributes:
        start: key of a box.
        end: key of the other.
        label: a local derivative, or a cotangent.
        is_backward: which of them.
        slot: what number the label ends with, as those of boxes.
        is_return: whether it leads back, from the end of a loop's step to the next one, or from
            there to the step before.
    """

    start: str
    end: str
    label: str
    is_backward: bool
    slot: str = field(default="", compare=False)
    is_return: bool = False


@dataclass(frozen=True)
class Frame:
    """A loop, or one way of a branch, around its steps.

    Attributes:
        key: what boxes in it call it.
        rows: of its title.
        back: what the derivative does in it; empty where none goes through.
        frame: key of the frame that it stands in; empty for none.
        is_taken: whether its steps count at the point.
        slot: what number says so, as those of boxes; empty where more than one does.
        is_first: whether the way is taken where that number is true.
    """

    key: str
    rows: tuple[str, ...]
    back: str
    frame: str
    is_taken: bool = True
    slot: str = ""
    is_first: bool = True
