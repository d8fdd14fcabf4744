"""Functions of a Python file: the file is run, as `python file.py` would but for its name."""

from __future__ import annotations

import contextlib
import difflib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from symdiff.errors import Span, SymdiffError


def function_of_file(path: Path, name: str) -> Callable[..., Any]:
    """Run a file and take a function out of it.

    Raises:
        SymdiffError: where there is no such file or function, or the file fails.
    """
    if not path.is_file():
        raise SymdiffError(f"cannot read '{path}': no such file")
    module_name = path.stem if path.stem.isidentifier() else "model"
    spec = importlib.util.spec_from_file_location(module_name, path)
    assert spec is not None  # the name ends with .py
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))
    sys.modules[module_name] = module
    with own_errors(str(path)):
        spec.loader.exec_module(module)
    if not name:
        raise SymdiffError(f"'{path}:' names no function", suggestion=f"write {path}:loss")
    found = getattr(module, name, None)
    if found is None:
        known = [key for key, value in vars(module).items() if inspect.isfunction(value)]
        near = difflib.get_close_matches(name, known, 1)
        listed = ", ".join(known[:10]) or "none"
        hint = f"did you mean '{near[0]}'?" if near else f"its functions are: {listed}"
        raise SymdiffError(f"'{path}' has no function '{name}'", suggestion=hint)
    if not callable(found):
        raise SymdiffError(f"'{name}' in '{path}' is a {type(found).__name__}, not a function")
    return found  # type: ignore[no-any-return]


@contextlib.contextmanager
def own_errors(what: str) -> Iterator[None]:
    """Turn an error of the user's code into one sentence with its place.

    Raises:
        SymdiffError: in the place of any other error.
    """
    try:
        yield
    except SymdiffError:
        raise
    except Exception as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_users(f.filename)]
        span = None
        if frames:
            last = frames[-1]
            span = _span(last)
        detail = str(error).splitlines()[0] if str(error) else "no reason given"
        raise SymdiffError(f"{what} raised {type(error).__name__}: {detail}", span=span) from None
    except SystemExit as error:
        raise SymdiffError(f"{what} ended with exit code {error.code}") from None


def _is_users(filename: str) -> bool:
    from symdiff.frontend.tracing.places import is_users

    return is_users(filename)


def _span(frame: Any) -> Span:
    """The place that a traceback names."""
    lines = Path(frame.filename).read_text(encoding="utf-8").splitlines(keepends=True)
    start = sum(map(len, lines[: frame.lineno - 1]))
    first = frame.colno or 0
    last = frame.end_colno if frame.end_lineno == frame.lineno else None
    end = start + (last or len(lines[frame.lineno - 1].rstrip()))
    return Span(start + first, end, frame.lineno, frame.filename)
