"""Places in the user's code that lines come from, and what the user calls them."""

from __future__ import annotations

import dis
import sys
import sysconfig
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path
from types import CodeType, FrameType

from symdiff.errors import Span, source_lines

_STANDARD = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))
_OURS = str(Path(__file__).parents[2])
_PROGRAMS = str(Path(_OURS, "routines", "programs.py"))  # written as users write
_INSTALLED = frozenset(("site-packages", "dist-packages"))
LIBRARIES = frozenset(("numpy", "scipy", "numba", "pandas"))
RECORDER = "_symdiff_staging"  # the name that rewritten code reads the recorder under
# Of SciPy: what searches until it has found has the derivative of what it finds, not of the search
_OPTIMIZE = "optimize"
_SEARCHING = frozenset((_OPTIMIZE, "sparse", "_ivp"))
# Of NumPy: folders and files of functions that are written in Python
_OF_NUMPY = frozenset(
    "polynomial _polynomial_impl.py _shape_base_impl.py _function_base_impl.py "
    "_twodim_base_impl.py _index_tricks_impl.py function_base.py _linalg.py".split()
)
_STEPPING = frozenset(("newton", "_array_newton"))
_LOADS = frozenset(
    "LOAD_ATTR LOAD_METHOD LOAD_FAST LOAD_FAST_BORROW LOAD_DEREF LOAD_GLOBAL LOAD_NAME".split()
)
_CALLS = frozenset(("CALL", "CALL_FUNCTION_EX", "CALL_KW", "BINARY_SUBSCR"))
_STORES = frozenset(("STORE_FAST", "STORE_NAME", "STORE_DEREF", "STORE_GLOBAL"))
_STORES_OF_TWO = frozenset(("STORE_FAST_LOAD_FAST", "STORE_FAST_STORE_FAST"))  # of Python 3.13


def is_ours(filename: str) -> bool:
    """Whether a file is one of this package."""
    return filename.startswith(_OURS)


@lru_cache(maxsize=4096)
def is_users(filename: str) -> bool:
    """Whether a file is the user's own: neither ours nor a library's that stands between."""
    if filename.startswith((_OURS, "<frozen", "<__array_function__")):
        return filename == _PROGRAMS
    return _package(filename) not in LIBRARIES


@lru_cache(maxsize=4096)
def is_of_library(filename: str) -> bool:
    """Whether functions of a file of SciPy's or NumPy's are traced as other libraries' are."""
    parts = Path(filename).parts
    if is_of_numpy(filename):
        return not _OF_NUMPY.isdisjoint(parts)
    return _package(filename) == "scipy" and _SEARCHING.isdisjoint(parts)


def is_of_numpy(filename: str) -> bool:
    """Whether a file is NumPy's: its handlers catch what shapes and types raise, not values."""
    return _package(filename) == "numpy"


def is_traced(frame: FrameType) -> bool:
    """Whether a frame runs traced code: the user's, or SciPy's that was rewritten for it."""
    code = frame.f_code
    return is_users(code.co_filename) or (
        RECORDER in code.co_freevars and is_of_library(code.co_filename)
    )


def _package(filename: str) -> str:
    """The installed package that a file is of; empty for others."""
    folders = iter(Path(filename).parts)
    return next((next(folders, "") for folder in folders if folder in _INSTALLED), "")


@lru_cache(maxsize=4096)
def is_of_standard_library(filename: str) -> bool:
    """Whether a file comes with Python."""
    is_installed = _INSTALLED & set(Path(filename).parts)
    return filename.startswith(("<frozen", *_STANDARD)) and not is_installed


def user_frame() -> FrameType | None:
    """The innermost frame that runs the user's code, or a library's that is not Python's own."""
    return _user_frame(sys._getframe(1))


def _user_frame(frame: FrameType | None) -> FrameType | None:
    """A frame, or the next one around it that runs the user's code."""
    while frame is not None:
        filename = frame.f_code.co_filename
        if is_users(filename) and not is_of_standard_library(filename):
            break
        frame = frame.f_back
    return frame


def traced_frame() -> FrameType | None:
    """The innermost frame that runs traced code, which may be SciPy's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if is_traced(frame) and not is_of_standard_library(frame.f_code.co_filename):
            break
        frame = frame.f_back
    return frame


def is_searching() -> bool:
    """Whether SciPy compares values to find a place that it closes in on.

    Where it does, the place that it has found does not change with the values, and what it searches
    for does. Newton's method and its like compute their last step of the values.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if _package(code.co_filename) == "scipy" and _OPTIMIZE in Path(code.co_filename).parts:
            return code.co_name not in _STEPPING
        frame = frame.f_back
    return False


def span_here() -> Span | None:
    """The place of the user's expression that is being evaluated.

    Of a program of ours, which stands for a function, the place where that is called.
    """
    frame = user_frame()
    while frame is not None and frame.f_code.co_filename == _PROGRAMS:
        frame = _user_frame(frame.f_back)
    return None if frame is None else span_of(frame.f_code, frame.f_lasti)


def span_of(code: CodeType, instruction: int) -> Span:
    """The place of an instruction."""
    return _span(code, code.co_filename, instruction)  # equal code may stand in two files


@lru_cache(maxsize=65536)
def _span(code: CodeType, filename: str, instruction: int) -> Span:
    first, last, start, end = _positions(code)[instruction // 2]
    line = first or code.co_firstlineno
    starts = _line_starts(filename)
    if line > len(starts):
        return Span(0, 0, line, filename)
    begin = starts[line - 1] + _characters(filename, line, start)
    stop = begin + 1
    if last and end is not None and last <= len(starts):
        stop = starts[last - 1] + _characters(filename, last, end)
    return Span(begin, max(stop, begin + 1), line, filename)


@lru_cache(maxsize=1024)
def _positions(code: CodeType) -> list[tuple[int | None, int | None, int | None, int | None]]:
    return [(first, last, start, end) for first, last, start, end in code.co_positions()]


@lru_cache(maxsize=1024)
def _line_starts(filename: str) -> list[int]:
    """Where each line starts, in characters."""
    starts, total = [], 0
    for line in source_lines(filename):
        starts.append(total)
        total += len(line)
    return starts


def _characters(filename: str, line: int, column: int | None) -> int:
    """A column in characters: Python counts bytes of UTF-8."""
    if not column:
        return 0
    return len(source_lines(filename)[line - 1].encode()[:column].decode(errors="ignore"))


def name_here() -> str | None:
    """The variable that the value being computed is going to be stored in, where that is so.

    The bytecode says so: the instruction after the current one stores it. Where that returns it,
    the caller's instruction counts.
    """
    frame = traced_frame()
    while frame is not None and is_traced(frame):
        following = _following(frame.f_code).get(_instruction(frame))
        if following is None:
            return None
        operation, name = following
        if operation in _STORES:
            return name
        if operation != "RETURN_VALUE":
            return None
        frame = frame.f_back
    return None


def unpacked_here() -> tuple[str | None, ...]:
    """The variables that the sequence which is being unpacked goes to; none where none is.

    Those behind a nested pattern or a star are not told.
    """
    frame = traced_frame()
    return () if frame is None else _unpacked(frame.f_code).get(_instruction(frame), ())


@lru_cache(maxsize=1024)
def _unpacked(code: CodeType) -> dict[int, tuple[str | None, ...]]:
    """By the offset of an instruction that unpacks a sequence, the variables that store it."""
    found, instructions = {}, _instructions(code)
    for at, instruction in enumerate(instructions):
        if instruction.opname == "UNPACK_SEQUENCE":
            names: list[str | None] = []
            for following in instructions[at + 1 : at + 1 + instruction.argval]:
                if following.opname not in _STORES | _STORES_OF_TWO:
                    break
                both = isinstance(following.argval, tuple)
                names += following.argval if both else [following.argval]
            found[instruction.offset] = tuple(names[: instruction.argval])
    return found


def _instruction(frame: FrameType) -> int:
    """The offset of the instruction that a frame is at, which may stand at its last cache."""
    offsets = _offsets(frame.f_code)
    return offsets[bisect_right(offsets, frame.f_lasti) - 1]


@lru_cache(maxsize=1024)
def _offsets(code: CodeType) -> list[int]:
    return [instruction.offset for instruction in _instructions(code)]


@lru_cache(maxsize=1024)
def _instructions(code: CodeType) -> list[dis.Instruction]:
    return list(dis.get_instructions(code))


def is_written_here() -> bool:
    """Whether the user's expression that is being evaluated writes into an array or a list."""
    frame = traced_frame()
    return frame is not None and _instruction(frame) in _writes(frame.f_code)


def is_called_by(frame: FrameType, function: object) -> bool:
    """Whether the expression that a frame evaluates names and calls this very function.

    Where it calls something in C that calls the function, it does not: that may depend on the
    result being an array of NumPy's own. In doubt the answer is no.
    """
    load = _callee(frame.f_code, _instruction(frame))
    if load is None:
        return False
    operation, name = load
    if operation in ("LOAD_ATTR", "LOAD_METHOD"):
        return name == getattr(function, "__name__", "")
    if operation in ("LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_DEREF"):
        return frame.f_locals.get(name) is function
    return frame.f_globals.get(name) is function


@lru_cache(maxsize=65536)
def _callee(code: CodeType, call: int) -> tuple[str, str] | None:
    """The instruction that loads what a call calls: it starts where the call starts."""
    positions = _positions(code)
    _, last, start, end = positions[call // 2]
    begin = positions[call // 2][0], start
    if last is None or end is None:
        return None
    found = None
    for instruction in _instructions(code):
        if instruction.offset >= call:
            break
        first, _, column, _ = positions[instruction.offset // 2]
        if instruction.opname in _CALLS and (first, column) == begin:
            found = None  # what is called is itself the result of a call
        if instruction.opname in _LOADS and (first, column) == begin:
            found = instruction.opname, str(instruction.argval)
    return found


@lru_cache(maxsize=1024)
def _writes(code: CodeType) -> frozenset[int]:
    """The offsets of the instructions `a[i] = v`."""
    return frozenset(
        instruction.offset
        for instruction in _instructions(code)
        if instruction.opname in ("STORE_SUBSCR", "STORE_SLICE")
    )


@lru_cache(maxsize=1024)
def _following(code: CodeType) -> dict[int, tuple[str, str]]:
    """By the offset of an instruction, the next one and its name."""
    found = {}
    previous: int | None = None
    for instruction in _instructions(code):
        if previous is not None:
            found[previous] = _first_of_two(instruction)
        previous = None if instruction.opname == "UNPACK_SEQUENCE" else instruction.offset
    return found


def _first_of_two(instruction: dis.Instruction) -> tuple[str, str]:
    """An instruction and its name. Python 3.13 stores, and then loads or stores again, in one."""
    if instruction.opname in _STORES_OF_TWO:
        return "STORE_FAST", str(instruction.argval[0])
    return instruction.opname, str(instruction.argval)
