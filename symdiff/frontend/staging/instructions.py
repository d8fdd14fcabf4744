"""Instructions of codes that were compiled from the same text or from another one, compared."""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator, Sequence
from types import CodeType

_NAMES = "CACHE PRECALL PUSH_NULL NOP RESUME".split()
_SILENT = frozenset(dis.opmap[name] for name in _NAMES if name in dis.opmap)
_CACHE = 0
_JUMPS = {
    kind: -1 if "BACKWARD" in dis.opname[kind] else 1 for kind in (*dis.hasjrel, *dis.hasjabs)
}
_FOUND = {dis.opmap[name]: dis.opmap["LOAD_ATTR"] for name in ("LOAD_METHOD",) if name in dis.opmap}
# how many of the last bits of an argument say how what is loaded is called
_CALLED = ("LOAD_GLOBAL", "LOAD_ATTR")[: 1 + (sys.version_info >= (3, 12))]
_CALLING = {dis.opmap[name]: 1 for name in _CALLED}

Step = tuple[int, int]


def do_the_same(one: CodeType, other: CodeType) -> bool:
    """Whether two codes do the same.

    How a method is called depends on what a whole file imports, so instructions may differ in that.
    """
    if _names(one) != _names(other) or len(one.co_consts) != len(other.co_consts):
        return False
    for mine, theirs in zip(one.co_consts, other.co_consts, strict=True):
        if isinstance(mine, CodeType) and isinstance(theirs, CodeType):
            if mine.co_name != theirs.co_name or not do_the_same(mine, theirs):
                return False
        elif type(mine) is not type(theirs) or _written(mine, one) != _written(theirs, other):
            return False
    return _bytes(one) == _bytes(other) or _steps(one) == _steps(other)


def _names(code: CodeType) -> tuple[tuple[str, ...], ...]:
    return code.co_names, code.co_varnames, code.co_cellvars, code.co_freevars


def _bytes(code: CodeType) -> tuple[bytes, bytes]:
    return code.co_code, code.co_exceptiontable


def _written(constant: object, code: CodeType) -> object:
    """A constant as text: signs of zeros differ, and the order in a set does not count.

    The body of a class knows where the class is defined, which is no part of what it does.
    """
    if constant == code.co_qualname:
        return None
    if isinstance(constant, frozenset):
        return sorted(map(repr, constant))
    return repr(constant)


def _steps(code: CodeType) -> tuple[list[Step], list[tuple[int, ...]]]:
    """The instructions, without how a call finds what it calls, and what is caught where.

    An argument is the number of a name or of a constant, of which both codes have the same, or of
    the instruction that a jump goes to.
    """
    text = code.co_code
    kinds = text[::2]
    found: list[Step] = []
    jumps: list[tuple[int, int]] = []  # the number of the instruction, and where it stands
    numbers: list[int] = []  # for each place, of the instruction that is there or comes next
    more = 0
    for place, (kind, argument) in enumerate(zip(kinds, text[1::2], strict=True)):
        numbers.append(len(found))
        if kind == dis.EXTENDED_ARG:
            more = (more | argument) << 8
            continue
        if kind not in _SILENT:
            if kind in _JUMPS:
                jumps.append((len(found), place))
            number = (more | argument) >> _CALLING.get(kind, 0)
            found.append((_FOUND.get(kind, kind), number))
        more = 0
    numbers.append(len(found))
    for at, place in jumps:
        kind, distance = found[at]
        behind = place + 1
        while kinds[behind : behind + 1] == bytes((_CACHE,)):
            behind += 1
        found[at] = kind, numbers[behind + _JUMPS[kind] * distance]
    return found, list(_caught(code.co_exceptiontable, numbers))


def _caught(table: bytes, numbers: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """From which instruction to which exceptions go to which one, and what is kept then.

    The format is that of CPython's Objects/exception_handling_notes.txt: four numbers an entry, in
    six bits a byte, the start, the length and the target as places.
    """
    read = _numbers_in(table)
    for start in read:
        length, target, kept = next(read), next(read), next(read)
        yield numbers[start], numbers[start + length], numbers[target], kept


def _numbers_in(table: bytes) -> Iterator[int]:
    number = 0
    for byte in table:
        number = number << 6 | byte & 0b111111
        if not byte & 0b1000000:
            yield number
            number = 0
