"""What the command line asks of the cases."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """Choices that hold for all cases.

    Attributes:
        full: measure the largest sizes too.
        profile: show profiles even where every target is met.
    """

    full: bool = False
    profile: bool = False
