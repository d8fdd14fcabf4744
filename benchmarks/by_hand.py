"""Gradients beside those that a careful person writes in NumPy: what they do, and how long."""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable
from functools import partial
from types import CodeType, FrameType
from typing import Any

import numpy as np  # noqa: TID253  the functions that are traced need it

import symdiff as sd
from benchmarks.gradients import CASES, Case
from benchmarks.measure import interleaved
from benchmarks.options import Options
from benchmarks.report import Section, Table, Target, number, seconds
from symdiff.emit.load import load_source

_LIMIT = 1.1  # times what is written by hand
# what a body does: operators, calls, indices, writes; a transpose is an attribute
_COUNTED = frozenset(
    "BINARY_OP COMPARE_OP UNARY_NEGATIVE BINARY_SUBSCR BINARY_SLICE STORE_SUBSCR STORE_SLICE "
    "CALL CALL_KW CALL_FUNCTION_EX".split()
)


def run(_: Options) -> Section:
    """A table of counts and times."""
    rows, targets = [], []
    for name, case in CASES.items():
        row, found = _row(name, case)
        rows.append(row)
        targets += found
    headings = ("function", "by hand", "emitted", "ratio", "by hand, time", "body", "call")
    about = (
        "Value and gradient in NumPy, written by hand beforehand and emitted. Counted are the "
        "operators, calls, indices, writes and transposes that a body does; a call of one of "
        "the same file is what it does. The last two columns are ratios to the time by hand, of "
        "the emitted body and of the public function."
    )
    return Section("By hand", about, [Table("Gradients", headings, rows, tuple(targets))])


def _row(name: str, case: Case) -> tuple[tuple[str, ...], list[Target]]:
    given = case.arguments()
    if isinstance(case.function, str):
        text = sd.function(case.function, wrt=case.wrt).value_and_grad().emit(lean=True)
        module: Any = load_source(text, "lean")
        body = module.value_and_grad
    else:
        made = sd.function(case.function, shapes=case.shapes, wrt=case.wrt)
        module = made.value_and_grad().load()
        body = module._value_and_grad
    _agree(name, case.by_hand(*given), module.value_and_grad(*given))
    by_hand, ours = operations(case.by_hand, given), operations(body, given)
    calls = {
        "hand": partial(case.by_hand, *given),
        "body": partial(body, *given),
        "call": partial(module.value_and_grad, *given),
    }
    times = interleaved(calls, rounds=21, seconds=0.02)
    hand = times["hand"]
    ratios = [times["body"].over(hand), times["call"].over(hand)]
    row = (name, str(by_hand), str(ours), number(ours / by_hand), seconds(hand.median))
    targets = [
        Target(f"{name}: operations over those by hand", _LIMIT, ours / by_hand),
        Target(f"{name}: time of the body over that by hand", _LIMIT, ratios[0]),
    ]
    return (*row, *map(number, ratios)), targets


def _agree(name: str, right: Any, found: Any) -> None:
    """Stop where the gradient is another one: the comparison would mean nothing."""
    for a, b in zip(_flat(right), _flat(found), strict=True):
        if not np.allclose(a, b, rtol=1e-9, atol=1e-11):
            raise SystemExit(f"benchmarks: {name} is another gradient than by hand")


def _flat(result: Any) -> list[Any]:
    if isinstance(result, tuple):
        return [part for item in result for part in _flat(item)]
    return [np.asarray(result, float)]


def operations(function: Callable[..., Any], arguments: list[Any]) -> int:
    """How many operations one call does in the file of a function, loops included.

    A call of a function of the file itself counts as what that function does.
    """
    file, count = function.__code__.co_filename, 1  # this call is taken off as those inside are
    known: dict[CodeType, set[int]] = {}

    def local(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if event == "opcode":
            places = known.setdefault(frame.f_code, set()) or _places(frame.f_code, known)
            count += frame.f_lasti in places
        return local

    def start(frame: FrameType, _event: str, _: Any) -> Any:
        nonlocal count
        if frame.f_code.co_filename != file:
            return None
        count -= 1
        frame.f_trace_opcodes = True
        return local

    sys.settrace(start)
    try:
        function(*arguments)
    finally:
        sys.settrace(None)
    return count


def _places(code: CodeType, known: dict[CodeType, set[int]]) -> set[int]:
    """Where the operations of a code stand."""
    known[code] = {
        line.offset
        for line in dis.get_instructions(code)
        if line.opname in _COUNTED or (line.opname == "LOAD_ATTR" and line.argval == "T")
    }
    return known[code]
