"""Programs that branch and loop: their statements, carried out on tracers.

An expression is read into the lines of the trace that runs. A statement that decides hands its
blocks to the recorder of traced functions, which makes selections, checks and loops of them.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NoReturn

from symdiff.errors import LimitError, Span, SymdiffError
from symdiff.frontend.loops import Loops, Told
from symdiff.frontend.staging import recorder
from symdiff.frontend.staging.merge import UNSET
from symdiff.frontend.staging.signals import BREAK, CONTINUE, Signal, returned
from symdiff.frontend.text.blocks import statements
from symdiff.frontend.text.evaluation import (
    Code,
    Evaluation,
    Part,
    number_of,
    running,
    tracer,
    tracers,
)
from symdiff.frontend.text.options import Declared, Limits
from symdiff.frontend.text.reading import TUPLE, Item
from symdiff.frontend.text.scope import output_names
from symdiff.frontend.text.statements import (
    Block,
    Piece,
    Statement,
    Target,
    bound,
    bound_by,
    changes,
    ends_itself,
    every,
    name_of,
    names_in,
    read_outside,
    set_first,
)
from symdiff.frontend.text.tokens import Token, Words, arguments_of
from symdiff.frontend.tracing.array import TRACERS, ArrayTracer
from symdiff.frontend.tracing.running import begin, end
from symdiff.graph.graph import Graph
from symdiff.graph.nested import pruned
from symdiff.ops.checks import ERRORS

MOST_STEPS = 100_000  # of a loop that is carried out while the text is read
_CALLS = {"for": "each", "while": "repeat"}  # what a loop calls of the recorder


def carried_out(
    text: str, given: Mapping[str, Declared], limits: Limits, loops: Loops
) -> tuple[Graph, Sequence[Told]]:
    """The graph of a program, and what became of its loops.

    Args:
        text: the program.
        given: by name of an input, what is said of it beside the text.
        limits: how large it may be.
        loops: what is asked of its loops.

    Raises:
        SymdiffError: as `parse` does.
    """
    try:
        program = _Program(text, given, limits)
        program.trace.loops = loops
        return program.graph(), program.trace.told
    except SymdiffError as error:
        raise error.at(text, None) from None


class _Program(Evaluation):
    """One run of a program."""

    def __init__(self, text: str, given: Mapping[str, Declared], limits: Limits) -> None:
        self.program = statements(text)
        super().__init__(text, limits, self.program[0].first)
        self.names.give(given)
        self._kept: dict[Statement, Sequence[str]] = {}

    def graph(self) -> Graph:
        """What the program computes."""
        self._end_with_result()
        begin(self.trace)
        try:
            self.find_inputs(self.program)
            value = recorder.result(self.run(self.program))
        except SymdiffError as error:
            raise error.at(self.text, self.span()) from None
        finally:
            end()
        if value is None:
            last = self.program[-1]
            self.refuse(last.first, "the program has no output", "end it with return and a name")
        outputs = value if isinstance(value, tuple) else (value,)
        inputs = self.names.inputs
        self.names.check_given()
        names = output_names(self._names_of_outputs(len(outputs)), inputs)
        return pruned(self.trace.graph(list(inputs.values()), outputs, names))

    # --- outputs -----------------------------------------------------------------------------

    def _end_with_result(self) -> None:
        """Let a program that ends with `y = ...` or `y[i] = ...` return that."""
        last = self.program[-1]
        if last.kind == "result":
            self.program[-1] = Statement("return", last.first, last.reads)
        names = [last.reads[1][0]] if last.kind == "store" else bound_by(last)
        if names and not last.is_decision:
            words = [w for name in names for w in (name._replace(kind="name"), _comma(name))]
            value = (*words[:-1], Token("end", "", names[-1].span.end))
            self.program.append(Statement("return", last.first, (value,)))

    def _names_of_outputs(self, count: int) -> Sequence[str | None]:
        """The names that all returns give, if they agree."""
        found = [self._returned_names(s) for s in every(self.program) if s.kind == "return"]
        agree = len(found[0]) == count and all(names == found[0] for names in found)
        return found[0] if agree else [None] * count

    def _returned_names(self, statement: Statement) -> Sequence[str | None]:
        parts = arguments_of(statement.reads[0])
        names = [name_of(part[0]) if len(part) == 2 else None for part in parts]
        return [name if name in self.names.assigned else None for name in names]

    # --- statements --------------------------------------------------------------------------

    def run(self, block: Block) -> Signal | None:
        """Carry out the statements of a block; how it ends."""
        for number, statement in enumerate(block):
            self.here = statement.first
            if statement.exits:
                return self._decide(statement, block[number + 1 :])
            if statement.is_decision:
                self._decide(statement, ())
            else:
                signal = _SIMPLE[statement.kind](self, statement)
                if signal is not None:
                    return signal
        return None

    def _decide(self, statement: Statement, rest: Block) -> Signal | None:
        """A statement with blocks, and what stands behind it where it may leave the block."""
        decide = {"if": self._if, "for": self._for, "while": self._while}[statement.kind]
        names = bound((statement, *rest))
        variables = partial(self._variables, names) if names else None
        other = partial(self._inside, statement, statement.other) if statement.other else None
        after = partial(self.run, rest) if rest else None
        try:
            return decide(statement, other, after, variables)
        except RecursionError:
            raise LimitError(
                "too many branches follow each other, each of which may leave the program",
                text=self.text,
                span=statement.first.span,
                suggestion="write a = b if c else d in the place of some",
            ) from None

    def _inside(self, statement: Statement, block: Block) -> Signal | None:
        """Carry out a block of a statement, and go back to the statement itself."""
        signal = self.run(block)
        self.here = statement.first
        return signal

    def _variables(self, names: Sequence[str]) -> recorder.Variables:
        """The variables of a statement, as the recorder reads and stores them."""
        return recorder.Variables(
            names, [partial(self._read, n) for n in names], partial(self._store_all, names)
        )

    def _read(self, name: str) -> Any:
        if name not in self.names.values:
            raise NameError(name)
        return number_of(self.names.values[name])

    def _store_all(self, names: Sequence[str], values: Sequence[Any]) -> None:
        held = self.names.values
        for name, value in zip(names, values, strict=True):
            held[name] = value
            if value is UNSET:
                del held[name]
            elif type(value) is ArrayTracer and id(value.storage.buffer) in running().chosen:
                held[name] = tracer(running().handle(value))  # no other name is the same array

    def _if(self, statement: Statement, *parts: Any) -> Signal | None:
        other, rest, variables = parts
        test = self.truth(statement)
        body = partial(self._inside, statement, statement.body)
        return recorder.branch(test, body, other, rest, variables)

    def _for(self, statement: Statement, *parts: Any) -> Signal | None:
        source = self.source(statement.reads[0])
        return recorder.each(source, *self._steps(statement, parts))

    def _while(self, statement: Statement, *parts: Any) -> Signal | None:
        self._check_changes(statement)
        return recorder.repeat(partial(self.truth, statement), *self._steps(statement, parts))

    def _steps(self, loop: Statement, parts: Sequence[Any]) -> Sequence[Any]:
        """What the recorder takes of a loop."""
        done = 0

        def step(*item: Any) -> Signal | None:
            nonlocal done
            done += 1
            if done > MOST_STEPS:
                self._refuse_length(loop)
            if loop.binds is not None:
                self._bind(loop.binds, item[0])
            return self._inside(loop, loop.body)

        if loop not in self._kept:
            self._kept[loop] = read_outside(self.program, loop)
        words = [words for s in every((loop,)) for words in s.reads]
        read = sorted({name_of(name) for part in words for name in names_in(part)})
        calls = tuple([_CALLS[s.kind] for s in every(loop.body) if s.kind in _CALLS])
        line = self._lined(loop.first.span).line
        code = Code(loop.first.start, tuple(read), line, co_names=calls)
        body = Part(step, code, self.names)
        return body, *parts, self._kept[loop], set_first(loop)

    def _check_changes(self, loop: Statement) -> None:
        """Refuse a `while` that never ends where it begins."""
        read = {name_of(name) for name in names_in(loop.reads[0])}
        if not (read & changes(loop) or ends_itself(loop) or self.truth(loop) is False):
            advice = "change a variable of the condition in each step"
            message = "the 'while' never ends: nothing in it changes what its condition asks"
            self.refuse(loop.first, message, advice)

    def _refuse_length(self, loop: Statement) -> NoReturn:
        raise LimitError(
            f"the steps of the '{loop.first.text}' are carried out one by one while the text is "
            f"read, and are more than {MOST_STEPS:,}",
            text=self.text,
            span=loop.first.span,
            suggestion="let each step do the same work, on inputs",
        )

    # --- simple statements -------------------------------------------------------------------

    def _assign(self, statement: Statement) -> None:
        assert statement.binds is not None  # its target
        words = statement.reads[0]
        item = self.item(words)
        self._bind(statement.binds, self._parts(statement.binds, item, words))

    def _parts(self, target: Target, item: Item, words: Words) -> Any:
        """What is assigned, a tuple for a tuple."""
        if not target.parts or item.at != TUPLE:
            is_whole = any(name_of(name) in self.names.whole for name in target.names())
            return self.held(item, words, is_whole=is_whole)
        if len(target.parts) != len(item.parts):
            self._refuse_count(target, len(item.parts))
        pairs = zip(target.parts, item.parts, strict=True)
        return tuple([self._parts(part, value, words) for part, value in pairs])

    def _bind(self, target: Target, value: Any) -> None:
        """Let a target hold a value."""
        if not target.parts:
            self.names.values[name_of(target.first)] = self._named(target.first, value)
            return
        if not isinstance(value, tuple):
            self.refuse(target.first, f"{len(target.parts)} names are given one value")
        if len(value) != len(target.parts):
            self._refuse_count(target, len(value))
        for part, one in zip(target.parts, value, strict=True):
            self._bind(part, one)

    def _refuse_count(self, target: Target, count: int) -> NoReturn:
        self.refuse(target.first, f"{len(target.parts)} names are given {count} values")

    def _named(self, name: Token, value: Any) -> Any:
        """A value as a name holds it: arrays in memory of their own."""
        if type(value) not in TRACERS:
            return value
        trace = running()
        if type(value) is ArrayTracer:
            value = tracer(trace.handle(value))
        if value.content.builder is trace.builder:
            trace.name(value, name_of(name))
        return value

    def _update(self, statement: Statement) -> None:
        """`name += value`: an array is changed in place."""
        words, target = statement.reads[0], statement.binds
        assert target is not None  # a name
        value = self.held(
            self.item(words), words, is_whole=name_of(target.first) in self.names.whole
        )
        array = self.names.values[name_of(target.first)]
        if type(array) is ArrayTracer:
            self._write(target.first.span, array, ..., value)
        else:
            self._bind(target, value)

    def _store(self, statement: Statement) -> None:
        """`array[index] = value`."""
        words, place = statement.reads
        self.parser.is_place = True
        try:
            self.item(place)
        finally:
            self.parser.is_place = False
        key = tracers(self.parser.key)
        array = self.names.values[name_of(place[0])]
        self._write(Span(place[0].start, place[-1].start), array, key, self.value(words))

    def _write(self, place: Span, array: Any, key: Any, value: Any) -> None:
        if type(array) is not ArrayTracer:
            self.refuse(place, "only an array has elements that can be given a value")
        try:
            running().memory.write(array, key, value)
        except (TypeError, ValueError, IndexError) as error:
            if isinstance(error, SymdiffError):
                raise
            self.refuse(place, str(error))

    def _return(self, statement: Statement) -> Signal:
        words = statement.reads[0]
        item = self.item(words)
        if item.at != TUPLE:
            return returned(number_of(self.held(item, words)))
        if not item.parts:
            self.refuse(item.span, "this is an empty tuple, and a function returns something")
        parts = [number_of(self.held(part, words)) for part in item.parts]
        return returned(tuple(parts))

    def _result(self, statement: Statement) -> NoReturn:
        span = self.item(statement.reads[0]).span
        self.refuse(
            span, "only the last statement can be an expression without a name, or a return",
            "write name = expression, or return and the expression",
        )  # fmt: skip

    def _raise(self, statement: Statement) -> NoReturn:
        name = statement.first.text
        if name not in ERRORS:
            advice = 'write raise ValueError("why")'
            self.refuse(statement.first, f"'{name}' is no error that a check raises", advice)
        pieces = [self._piece(piece) for piece in statement.message or ()]
        said = [] if statement.message is None else [recorder.message(*pieces)]
        error = getattr(builtins, name)(*said)
        if not running().ways:
            self.refuse(statement.first, f"the program raises {name} whatever its inputs are")
        raise recorder.raising(error)

    def _piece(self, piece: str | Piece) -> Any:
        if isinstance(piece, str):
            return piece
        value = self.held(self.item(piece.value), piece.value, is_whole=True)
        return value, piece.conversion, piece.spec


def _comma(name: Token) -> Token:
    """A comma behind a name."""
    return Token(",", ",", name.span.end)


_SIMPLE: Mapping[str, Callable[[_Program, Statement], Signal | None]] = {
    "declare": lambda *_: None,
    "pass": lambda *_: None,
    "break": lambda *_: BREAK,
    "continue": lambda *_: CONTINUE,
    "assign": _Program._assign,
    "update": _Program._update,
    "store": _Program._store,
    "return": _Program._return,
    "result": _Program._result,
    "raise": _Program._raise,
}
