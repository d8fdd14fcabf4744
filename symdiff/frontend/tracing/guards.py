"""Guards of a trace along the way of one call: what it has decided on, as checks of the module.

The emitted function raises an error where a later call decides otherwise.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from symdiff.errors import SymdiffError
from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.tracing.places import is_searching
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.tracer import Tracer
from symdiff.frontend.tracing.values import numpy
from symdiff.ops.handle import Handle

OTHERWISE = RuntimeError  # what a trace along one way raises where another one is taken


def truth_along(trace: Recorder, value: Tracer) -> bool | None:
    """The truth of a value in the call whose way is traced; `None` where there is none."""
    if trace.decide is None or value.is_concrete or any(n != 1 for n in value.content.shape):
        return None
    if is_searching():
        return None
    test = trace.call("reshape", value, ()) if value.content.shape else value
    if test.dtype.kind != "b":
        test = trace.call("not_equal", test, 0)
    truth = bool(_value(trace, trace.handle(test)))
    _guard(trace, trace.call("logical_not", test) if truth else test)
    return truth


def count_along(trace: Recorder, value: Tracer) -> int | None:
    """An index or a length in the call whose way is traced; `None` where there is none."""
    if trace.decide is None or value.is_concrete or is_searching():
        return None
    known = int(_value(trace, trace.handle(value)))
    _guard(trace, trace.call("not_equal", value, known))
    return known


def mask_along(trace: Recorder, mask: Any) -> Any:
    """A mask as it is in the call whose way is traced, where masks are decided on; else itself."""
    if not trace.decides_masks or not isinstance(mask, Tracer) or mask.is_concrete:
        return mask
    if mask.dtype.kind != "b":
        return mask
    known = numpy().asarray(_value(trace, trace.handle(mask)), bool)
    _guard(trace, trace.call("any", trace.call("not_equal", mask, known)))
    return known


def key_along(trace: Recorder, key: Any) -> Any:
    """An index with its masks as they are in the call whose way is traced."""
    if not trace.decides_masks:
        return key
    if isinstance(key, tuple):
        return tuple([mask_along(trace, part) for part in key])
    return mask_along(trace, key)


def unique_along(trace: Recorder, array: Any, **options: Any) -> Any:
    """`np.unique` with the order and the ties of the call whose way is traced."""
    np, elements = numpy(), trace.call("ravel", array)
    known = np.asarray(_value(trace, trace.handle(elements)))
    first, inverse, counts = np.unique(known, True, True, True)[1:]  # noqa: FBT003  NumPy's
    found = elements[first]
    alike = trace.call("all", trace.call("equal", elements, found[inverse]))
    ordered = trace.call("all", trace.call("greater", found[1:], found[:-1]))
    _guard(trace, trace.call("logical_not", trace.call("logical_and", alike, ordered)))
    asked = {"return_index": first, "return_inverse": inverse.reshape(array.shape)}
    more = [
        value for name, value in (*asked.items(), ("return_counts", counts)) if options.get(name)
    ]
    return (found, *more) if more else found


def is_finite_along(trace: Recorder, results: Any) -> bool:
    """Whether work on floats gives numbers in the call whose way is traced, which is kept.

    What raises an error of arithmetic in Python is infinite or no number in NumPy.
    """
    parts = results if isinstance(results, (list, tuple)) else [results]
    kinds = [numpy().dtype(part.dtype).kind if isinstance(part, Handle) else "" for part in parts]
    if not {*kinds} <= {"f", "b"}:  # whole numbers of NaN are none
        return False
    parts = [part for part, kind in zip(parts, kinds, strict=True) if kind == "f"]
    if not all(numpy().all(numpy().isfinite(_value(trace, part))) for part in parts):
        return False
    for part in parts:
        finite = LOWERINGS["isfinite"](trace.builder, part)
        whole = LOWERINGS["all"](trace.builder, finite)
        _guard(trace, LOWERINGS["logical_not"](trace.builder, whole))
    return True


def _value(trace: Recorder, handle: Handle) -> Any:
    """The value of a line in the call whose way is traced."""
    assert trace.decide is not None  # a way is traced
    try:
        return trace.decide(handle.at)
    except SymdiffError as error:
        raise trace.noted(error) from None


def _guard(trace: Recorder, otherwise: Any) -> None:
    """Let the emitted function raise an error where a condition holds."""
    span = trace.place()
    place = f"{Path(span.file).name}, line {span.line}: " if span is not None else ""
    message = f"{place}a decision falls otherwise than in the call that was traced"
    trace.guards.append(message)
    if not trace.keeps_guards:
        return
    trace.check(otherwise, OTHERWISE.__name__, (message,), ())
