"""`"…".format(…)`, `"…" % (…)` and `"…".join(…)` as texts that may be known late."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Callable, Iterator
from typing import Any

from symdiff.frontend.staging.texts import field, is_late, joined
from symdiff.frontend.tracing.running import active

_FORMATTER = string.Formatter()
_PERCENT = re.compile(r"%(?:\((\w*)\))?([-+ #0]*)(\d*)(\.\d+)?([%srdifFeEgG])")
_NOT_OF_FLOATS = "di"  # `format` takes no float for them


def formatting(function: Any) -> Callable[..., Any] | None:
    """What stands for a method of a text that writes values into it; `None` for another one."""
    method = {"format": _formatted, "join": _joined}.get(function.__name__)
    if method is None or type(function.__self__) is not str:
        return None
    return lambda *args, **kwargs: method(function.__self__, *args, **kwargs)


def percent(text: Any, values: Any) -> Any:
    """`text % values`."""
    trace = active()
    given = values.values() if isinstance(values, dict) else values
    given = given if isinstance(values, (dict, tuple)) else (values,)
    if type(text) is not str or trace is None or trace.is_paused or not any(map(is_late, given)):
        return text % values
    parts = list(_percent_parts(text, values if isinstance(values, dict) else tuple(given)))
    count = sum(not isinstance(part, str) for part in parts)
    if None in parts or (isinstance(values, tuple) and count != len(values)):
        return text % values  # Python says what is wrong
    return joined(trace, [p if isinstance(p, str) else field(trace, *p) for p in parts if p])


def _formatted(text: str, *args: Any, **kwargs: Any) -> Any:
    trace = active()
    parts = list(string.Formatter().parse(text))
    is_nested = any("{" in (spec or "") for _, _, spec, _ in parts)
    if is_nested or trace is None or not any(map(is_late, (*args, *kwargs.values()))):
        return text.format(*args, **kwargs)
    found: list[Any] = []
    numbers = itertools.count()
    for before, name, spec, letter in parts:
        found.append(before)
        if name is not None:
            value, _ = _FORMATTER.get_field(name or str(next(numbers)), args, kwargs)
            found.append(field(trace, value, letter or "", spec or ""))
    return joined(trace, found)


def _joined(text: str, items: Any) -> Any:
    trace, items = active(), list(items)
    if trace is None or not any(map(is_late, items)):
        return text.join(items)
    between = [text] * (2 * len(items) - 1)
    between[::2] = items
    return joined(trace, between)


def _percent_parts(
    text: str, values: tuple[Any, ...] | dict[str, Any]
) -> Iterator[str | tuple[Any, str, str] | None]:
    """Texts, and values with their letters and formats; `None` for what is not known here."""
    numbers = itertools.count()
    end = 0
    for found in _PERCENT.finditer(text):
        yield text[end : found.start()]
        end = found.end()
        name, flags, width, precision, letter = found.groups("")
        if letter == "%":
            yield "%"
            continue
        try:
            value = values[name] if isinstance(values, dict) else values[next(numbers)]
        except (IndexError, KeyError):
            yield None
            return
        if letter in _NOT_OF_FLOATS and is_late(value):
            yield None
            return
        yield value, *_as_of_format(flags, width, precision, letter)
    rest = text[end:]
    yield None if "%" in rest else rest


def _as_of_format(flags: str, width: str, precision: str, letter: str) -> tuple[str, str]:
    """What `format` calls what stands behind a percent sign: the conversion and the format."""
    if letter in "sr":
        side = "<" if "-" in flags else ">"
        return letter, f"{side}{width}{precision}" if width else precision
    letter = "d" if letter == "i" else letter
    side = "<" if "-" in flags else ""
    sign = "+" if "+" in flags else " " * (" " in flags)
    zeros = "0" if "0" in flags and not side else ""
    return "", f"{side}{sign}{'#' * ('#' in flags)}{zeros}{width}{precision}{letter}"
