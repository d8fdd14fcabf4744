"""Options of a program's loops, and what became of each loop."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from symdiff.errors import SymdiffError, UnsupportedError

AUTO, ROLL, UNROLL = "auto", "roll", "unroll"
CHOICES = (AUTO, ROLL, UNROLL)
_MOST_TOLD = 12  # loops that a summary names


class Loops(NamedTuple):
    """Options of a program's loops.

    Attributes:
        choice: `roll` lets every loop stay one, and refuses a loop that cannot; `unroll` writes out
            every `for` whose number of steps is known; `auto` writes out loops of few steps, and
            those whose steps are not alike.
        checkpoint: every how many steps what a loop carries is kept for the gradient, of each loop
            of more steps than that. The steps between are computed again on the way back. `None`
            keeps what each step begins with.
    """

    choice: str = AUTO
    checkpoint: int | None = None

    def checked(self) -> Loops:
        """Themselves.

        Raises:
            SymdiffError: for a choice that there is not, or no number of steps.
        """
        if self.choice not in CHOICES:
            raise SymdiffError(
                f"loops={self.choice!r} is no choice for loops",
                suggestion="'auto', 'roll' or 'unroll'",
            )
        refuse_no_number_of_steps(self.checkpoint)
        return self


PLAIN = Loops()


def refuse_no_number_of_steps(checkpoint: object) -> None:
    """Refuse what is neither `None` nor a whole number of steps."""
    if checkpoint is not None and (type(checkpoint) is not int or checkpoint < 1):
        raise SymdiffError(f"checkpoint={checkpoint!r} is no whole number of steps from 1 on")


class Told(NamedTuple):
    """What became of a loop.

    Attributes:
        file, line: where it stands.
        outcome: what became of it.
        has_checkpoints: whether its gradient computes steps again.
    """

    file: str
    line: int
    outcome: str
    has_checkpoints: bool = False


def refuse_unkept(loops: Loops, told: Iterable[Told]) -> None:
    """Refuse checkpoints of a program without a loop that could have some."""
    if loops.checkpoint is not None and not any(loop.has_checkpoints for loop in told):
        raise UnsupportedError(
            f"checkpoint={loops.checkpoint}: no loop of a known number of steps, and of more than "
            "that, is rolled",
            suggestion="leave checkpoint= out, or give loops='roll'",
        )


def summary(told: Iterable[Told], file: str) -> tuple[str, ...]:
    """A sentence on the loops of a program, those of other files with their names; none without."""
    found = list(dict.fromkeys(told))
    parts = [f"{_place(loop, file)} {loop.outcome}" for loop in found[:_MOST_TOLD]]
    if len(found) > _MOST_TOLD:
        parts.append(f"and {len(found) - _MOST_TOLD} more")
    return (f"loops: {'; '.join(parts)}",) if parts else ()


def _place(loop: Told, file: str) -> str:
    name = Path(loop.file).name
    return f"line {loop.line}" if name == file else f"{name}, line {loop.line}"
