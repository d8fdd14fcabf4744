"""Questions for the type of a tracer, answered as for what it stands for.

`isinstance` asks `__class__`, which a class can define; `type`, `hasattr` and `getattr` cannot be
told from within, so others stand in their place while a trace runs. They answer as usual to all but
the user's code and the libraries that it calls. Python's own modules and NumPy see tracers as what
they are: `copy` would else hand them to the methods of NumPy's arrays.
"""

from __future__ import annotations

import sys
import sysconfig
from functools import lru_cache
from pathlib import Path
from typing import Any

from symdiff.frontend.tracing.array import TRACERS
from symdiff.frontend.tracing.length import Length
from symdiff.frontend.tracing.places import is_users
from symdiff.frontend.tracing.running import active

_type, _hasattr, _getattr = type, hasattr, getattr
_STANDARD = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))
_ASKED_FOR = frozenset((*TRACERS, Length))


@lru_cache(maxsize=4096)
def is_of_standard_library(filename: str) -> bool:
    """Whether a file comes with Python."""
    is_installed = {"site-packages", "dist-packages"} & set(Path(filename).parts)
    return filename.startswith(("<frozen", *_STANDARD)) and not is_installed


def _is_asked(value: Any) -> bool:
    """Whether the user's code, or a library's that it calls, asks about a tracer."""
    if _type(value) not in _ASKED_FOR or active() is None:
        return False
    filename = sys._getframe(2).f_code.co_filename
    return is_users(filename) and not is_of_standard_library(filename)


class Type:
    """What stands for `type` meanwhile: called with one value it tells the class.

    In all else it is `type`: as a base of metaclasses, in `isinstance`, by its attributes.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The class of a value, or a new class."""
        if len(args) != 1 or kwargs:
            return _type(*args, **kwargs)
        if _is_asked(args[0]):
            return args[0].__class__
        found = _type(args[0])
        return self if found is _type or args[0] is self else found

    def __getattribute__(self, name: str) -> Any:
        is_own = name == "__mro_entries__"  # Python asks the object itself for it
        return object.__getattribute__(self, name) if is_own else _getattr(_type, name)

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, _type) or value is self

    def __subclasscheck__(self, kind: Any) -> bool:
        return kind is self or issubclass(kind, _type)

    def __mro_entries__(self, _bases: Any) -> tuple[type]:
        return (_type,)

    def __eq__(self, other: object) -> bool:
        return other is self or other is _type

    def __hash__(self) -> int:
        return hash(_type)

    def __or__(self, other: Any) -> Any:
        return _type | other

    def __ror__(self, other: Any) -> Any:
        return other | _type

    def __getitem__(self, item: Any) -> Any:
        return _type[item]  # as in annotations

    def __repr__(self) -> str:
        return repr(_type)


def has_attribute(value: Any, name: str, /) -> bool:
    """`hasattr`."""
    return _hasattr(value.__class__ if _is_asked(value) else value, name)


def get_attribute(value: Any, name: str, /, *default: Any) -> Any:
    """`getattr`."""
    if not _is_asked(value) or _hasattr(value.__class__, name):
        return _getattr(value, name, *default)
    if default:
        return default[0]
    raise AttributeError(f"'{value.type_name}' object has no attribute '{name}'")


QUESTIONS = {"type": Type(), "hasattr": has_attribute, "getattr": get_attribute}
