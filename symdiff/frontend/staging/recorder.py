"""The recorder that rewritten code calls: what is decided by plain values runs as Python has it."""

from __future__ import annotations

import operator
import sys
from typing import Any

from symdiff.frontend.staging.branches import branch, result, settled
from symdiff.frontend.staging.callees import callee_of
from symdiff.frontend.staging.decisions import (
    chain,
    choice,
    conjunction,
    contains,
    differs,
    disjunction,
    lacks,
    matched,
    negation,
    same,
    summand,
    summands,
)
from symdiff.frontend.staging.effects import (
    binds,
    deletes,
    fresh,
    stored_attribute,
    stored_item,
    stored_slice,
    unseen,
    updates,
    writes,
)
from symdiff.frontend.staging.errors import raising
from symdiff.frontend.staging.formats import percent
from symdiff.frontend.staging.iterators import chosen_of, once
from symdiff.frontend.staging.loops import each, repeat
from symdiff.frontend.staging.reductions import list_for, list_of
from symdiff.frontend.staging.signals import BREAK, CONTINUE, returned
from symdiff.frontend.staging.sources import made_of
from symdiff.frontend.staging.staged import staged_by
from symdiff.frontend.staging.subjects import subject, subject_and_key
from symdiff.frontend.staging.texts import message
from symdiff.frontend.staging.variables import Variables, certain

_SELF = sys.modules[__name__]

__all__ = [
    "BREAK",
    "CONTINUE",
    "Variables",
    "binds",
    "branch",
    "callee",
    "certain",
    "chain",
    "choice",
    "chosen_of",
    "conjunction",
    "contains",
    "deletes",
    "differs",
    "disjunction",
    "each",
    "fresh",
    "lacks",
    "list_for",
    "list_of",
    "made_of",
    "matched",
    "message",
    "negation",
    "once",
    "percent",
    "raising",
    "repeat",
    "result",
    "returned",
    "same",
    "settled",
    "stored_attribute",
    "stored_item",
    "stored_slice",
    "subject",
    "subject_and_key",
    "summand",
    "summands",
    "unseen",
    "updated",
    "updates",
    "writes",
]


def staged(function: Any) -> Any:
    """A function with its decisions handed to this module, where it can be rewritten."""
    return staged_by(_SELF, function)


def callee(function: Any) -> Any:
    """What a call calls."""
    return callee_of(function, staged)


def updated(name: str, old: Any, value: Any) -> Any:
    """`old += value` and its like, as a value that is then stored."""
    updates(old)
    return getattr(operator, name)(old, value)
