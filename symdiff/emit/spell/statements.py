"""Statements, as a language writes them: a table of texts with places for what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symdiff.errors import UnsupportedError
from symdiff.graph.shape import Dimension
from symdiff.ops.checks import Message


@dataclass(frozen=True, slots=True)
class Statements:
    """How a language writes statements; as Python does where nothing else is said.

    Attributes:
        let: gives a name, or several, values.
        update: changes a name by an operator.
        count_up, count_down: the first line of a loop over numbers, given by what `range` takes.
        unread: the name of a counter that nothing reads.
        repeat: the first line of a loop with a condition.
        unless: the line before what is done where a condition does not hold.
        leave: ends a loop from inside.
        choose, choose_next, otherwise: the lines before the ways of a choice.
        end: the line behind loops and choices, `""` for none.
        nothing: what stands in a block without statements, `""` for none.
        back: ends a function with its results.
    """

    let: str = "{} = {}"
    update: str = "{} {}= {}"
    count_up: str = "for {} in range({}):"
    count_down: str = "for {} in reversed(range({})):"
    unread: str = "_"
    repeat: str = "while {}:"
    unless: str = "if not {}:"
    leave: str = "break"
    choose: str = "if {}:"
    choose_next: str = "elif {}:"
    otherwise: str = "else:"
    end: str = ""
    nothing: str = "pass"
    back: str = "return {}"

    def counting(self, counter: str, numbers: Sequence[Dimension], direction: int) -> str:
        """The first line of a loop over numbers, from the last one down where that is -1."""
        head = self.count_up if direction > 0 else self.count_down
        return head.format(counter, ", ".join(map(str, numbers)))

    def raising(self, error: str, message: Message, values: Sequence[str]) -> str:
        """What raises an error with a message that may show values."""
        text = _quoted(message, values) if message else ""
        return f"raise {error}{f'({text})' if text else ''}"


class CompiledStatements(Statements):
    """Python's, in functions that are compiled."""

    def counting(self, counter: str, numbers: Sequence[Dimension], direction: int) -> str:
        """The first line of a loop over numbers; the compiler knows no `reversed`."""
        if direction > 0:
            return super().counting(counter, numbers, direction)
        first, stop, by = (0, *numbers, 1) if len(numbers) == 1 else (*numbers, 1)[:3]
        return super().counting(counter, (stop - by, first - by, -1 * by), 1)

    def raising(self, error: str, message: Message, values: Sequence[str]) -> str:
        """What raises an error; the compiler has no way to show numbers in its text.

        Raises:
            UnsupportedError: for a message that shows values.
        """
        if any(isinstance(piece, tuple) for piece in message):
            raise UnsupportedError("errors whose text shows values are not supported there")
        return super().raising(_OF_NUMPY.get(error, error), message, values)


_OF_NUMPY = {"LinAlgError": "np.linalg.LinAlgError"}  # exceptions that Python has not
PYTHON_STATEMENTS = Statements()
COMPILED_STATEMENTS = CompiledStatements()

C_STATEMENTS = Statements(
    let="{} = {};",
    unless="if (!({})) {{",
    leave="break;",
    choose="if ({}) {{",
    choose_next="}} else if ({}) {{",
    otherwise="} else {",
    end="}",
    nothing="",
)

# of bodies without loops and choices
JAVASCRIPT_STATEMENTS = Statements(let="const {} = {};")


def _quoted(message: Message, values: Sequence[str]) -> str:
    """A literal, with values in it where the message has some."""
    if not any(isinstance(piece, tuple) for piece in message):
        return _literal("".join(map(str, message)))
    text = "".join([_field(piece, values) for piece in message])
    return f"f{_literal(text)}"


def _field(piece: str | tuple[int, str, str], values: Sequence[str]) -> str:
    if isinstance(piece, str):
        return piece.replace("{", "{{").replace("}", "}}")
    number, conversion, spec = piece
    shown = f"!{conversion}" * bool(conversion) + f":{spec}" * bool(spec)
    return f"{{{values[number]}{shown}}}"


def _literal(text: str) -> str:
    """Between double quotes where there is none in it."""
    literal = repr(text)
    if '"' in text:
        return literal
    inside = literal[1:-1].replace("\\'", "'")
    return f'"{inside}"'
