"""How large a text may be. Each limit guards a resource, and each can be raised by an option."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest input that is taken. None of them is met by ordinary work.

    Attributes:
        length: characters of the text; `--max-length`.
        depth: brackets inside of each other; `--max-depth`.
        nodes: lines of the graph; `--max-nodes`.
        power_digits: decimal digits of a power of two numbers, such as `9**9`;
            `--max-power-digits`. float64 ends at 308.
    """

    length: int = 10_000_000
    depth: int = 100_000
    nodes: int = 5_000_000
    power_digits: int = 308


LIMITS = Limits()
