"""Objects of the user's classes: how they are made, and what Python calls of them by itself."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType
from typing import Any

from symdiff.frontend.staging.effects import fresh, trace_of
from symdiff.frontend.tracing.contents import is_of_python, module_of
from symdiff.frontend.tracing.patching import member_in_place
from symdiff.frontend.tracing.recorder import Recorder

Stage = Callable[[Any], Any]

# Methods that Python does not call for an operation on an object that exists, or calls to show one
_LEFT = frozenset("__new__ __init__ __init_subclass__ __del__ __repr__ __str__".split())
_OWN = frozenset(("builtins", "numpy", "symdiff"))  # modules whose floats are known
_GENERATED = "<string>"  # the file of what `dataclasses` writes: it sets attributes alone


def maker_of(kind: Any, stage: Stage) -> Callable[..., Any] | None:
    """What makes an object with `__new__` and `__init__` staged; `None` where the class does."""
    if issubclass(kind, float) and module_of(kind).partition(".")[0] not in _OWN:
        return functools.partial(_of_floats, kind)
    if type(kind).__call__ is not type.__call__ or is_of_python(module_of(kind)):
        return None
    new = kind.__new__
    is_plain = new is object.__new__
    if not is_plain and not (issubclass(kind, Exception) and type(new) is not FunctionType):
        return _maker_by_new(kind, stage)
    init = kind.__init__
    if type(init) is not FunctionType:
        return None
    staged = stage(init)
    if staged is init and init.__code__.co_filename != _GENERATED:
        return None

    def make(*args: Any, **kwargs: Any) -> Any:
        made = fresh(new(kind) if is_plain else new(kind, *args, **kwargs))
        staged(made, *args, **kwargs)
        return made

    return make


def _maker_by_new(kind: Any, stage: Stage) -> Callable[..., Any] | None:
    """The same of a class with a `__new__` of its own, which may give back what is there."""
    new, init = kind.__new__, kind.__init__
    if type(new) is not FunctionType or (staged := stage(new)) is new:
        return None
    initialise = stage(init)

    def make(*args: Any, **kwargs: Any) -> Any:
        made = staged(kind, *args, **kwargs)
        if isinstance(made, kind) and init is not object.__init__:
            initialise(made, *args, **kwargs)
        return made

    return make


def _of_floats(kind: Any, *args: Any, **kwargs: Any) -> Any:
    """An object of a class of floats: such a one is its number, and holds no other."""
    trace = next(filter(None, map(trace_of, (*args, *kwargs.values()))), None)
    if trace is not None:
        trace.refuse(
            f"an object of '{kind.__name__}', a class of floats, is made of a value that is not "
            "known yet",
            "compute with the value itself, or make it an attribute of a class without float",
        )
    return kind(*args, **kwargs)


def stage_members(trace: Recorder, kind: type, stage: Stage) -> None:
    """Stage what Python calls of a class by itself, operators and properties, in a trace."""
    if kind in trace.classes:
        return
    trace.classes.add(kind)
    if module_of(kind).partition(".")[0] == "symdiff":  # a tracer's
        return
    for base in kind.__mro__:
        if is_of_python(module_of(base)):
            continue
        for name, old in [*vars(base).items()]:
            new = _staged(name, old, stage)
            if new is not old and not _is_fixed(base, name):
                member_in_place(base, name, new)


def _is_fixed(kind: type, name: str) -> bool:
    """Whether a class of classes has a property of the name, which setting the member would ask."""
    return isinstance(getattr(type(kind), name, None), property)


def _staged(name: str, member: Any, stage: Stage) -> Any:
    if type(member) is FunctionType and name.startswith("__") and name not in _LEFT:
        return stage(member)
    if type(member) is property:
        parts = member.fget, member.fset, member.fdel
        staged = [stage(part) for part in parts]
        is_new = any(new is not old for new, old in zip(staged, parts, strict=True))
        return property(staged[0], staged[1], staged[2], member.__doc__) if is_new else member
    if type(member) is functools.cached_property:
        func = stage(member.func)
        if func is not member.func:
            member_in_place(member, "func", func)
    return member
