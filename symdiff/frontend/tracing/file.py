"""Functions of Python files and modules, as the command line names them: the file is run.

A file is run as `python file.py` would but for its name; one that lies in a package runs as the
module that it is there. What it prints goes to standard error.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import importlib
import importlib.util
import inspect
import linecache
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from symdiff.errors import Span, SymdiffError

_MOST_LISTED = 10
_MODULE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")  # with a dot: package.module
_PLACE = re.compile(r"([\w./\\:~-]+):([^\W\d][\w.]*)")
_KINDS = ("int", "float", "bool")


class Place(NamedTuple):
    """Where a source says that a function stands.

    Attributes:
        where: the path of a file, or the name of a module.
        name: of the function; dots lead to a method of an object. Empty where none is named.
        is_file: whether it stands in a file.
    """

    where: str
    name: str
    is_file: bool

    def __str__(self) -> str:
        return f"{self.where}:{self.name}"


def place_of(source: str) -> Place | None:
    """The place that `model.py:loss` or `package.module:loss` names; `None` for a formula.

    Raises:
        SymdiffError: for `model:loss`, which is neither.
    """
    if source.endswith(".py"):
        return Place(source, "", is_file=True)
    before, _, name = source.rpartition(":")  # a drive of Windows has a colon too
    if before.endswith(".py"):
        return Place(before, name.strip(), is_file=True)
    if _MODULE.fullmatch(before) and re.fullmatch(r"[\w.]+", name):
        return Place(before, name, is_file=False)
    found = _PLACE.fullmatch(source)
    if found is not None and found[2] not in _KINDS:
        raise SymdiffError(
            f"'{source}' is neither a formula nor a function of a file",
            suggestion=f"write {found[1].partition('.py:')[0]}.py:{found[2]}",
        )
    return None


def function_at(place: Place) -> Callable[..., Any]:
    """Run a file or a module and take a function out of it.

    Raises:
        SymdiffError: where there is no such file, module or function, or the file fails.
    """
    if place.is_file:
        _check_file(place)
    with users_code(place.where):
        module = _run_file(Path(place.where)) if place.is_file else _imported(place.where)
    return _member(place, module)


def _check_file(place: Place) -> None:
    """State that the file is there and a function of it named."""
    path = Path(place.where)
    if not path.is_file():
        raise SymdiffError(f"cannot read '{path}': no such file")
    if place.name:
        return
    functions = _functions_written(path)
    hint = f"write {path}:{functions[0] if functions else 'loss'}"
    if functions:
        hint += f"; its functions are: {', '.join(functions[:_MOST_LISTED])}"
    raise SymdiffError(f"'{path}' names no function", suggestion=hint)


def _functions_written(path: Path) -> list[str]:
    """The functions of a file, which is not run for that."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [part.name for part in tree.body if isinstance(part, kinds)]


# --- running -----------------------------------------------------------------------------------


def _run_file(path: Path) -> ModuleType:
    root, name = _name_in_package(path.resolve())
    sys.path.insert(0, str(root))
    parent = name.rpartition(".")[0]
    if parent:
        importlib.import_module(parent)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None  # the name ends with .py
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _name_in_package(path: Path) -> tuple[Path, str]:
    """The folder from where a file is imported, and its name as a module there."""
    parts = [path.stem] if path.stem != "__init__" else []
    folder = path.parent
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        parts.insert(0, folder.name)
        folder = folder.parent
    if len(parts) > 1 and parts[-1].isidentifier():
        return folder, ".".join(parts)
    is_free = path.stem.isidentifier() and path.stem not in sys.modules
    return path.parent, path.stem if is_free else f"file_{re.sub(r'[^0-9A-Za-z]', '_', path.stem)}"


def _imported(name: str) -> ModuleType:
    sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # of an import inside of it
        raise SymdiffError(
            f"there is no module '{name}'",
            suggestion=f"name the file: {name.replace('.', '/')}.py:loss",
        ) from None


# --- the function ------------------------------------------------------------------------------


def _member(place: Place, module: ModuleType) -> Callable[..., Any]:
    """What the name says, step by step from the module on."""
    found: Any = module
    owner: Any = None
    for part in place.name.split("."):
        owner, found = found, _part(place, module, found, part)
    if not callable(found):
        kind = type(found).__name__
        raise SymdiffError(
            f"'{place.name}' in '{place.where}' is of the type {kind}, not a function"
        )
    if inspect.isclass(owner) and inspect.isfunction(inspect.getattr_static(owner, part)):
        raise SymdiffError(
            f"'{place.name}' is a method of a class and needs an object",
            suggestion=f"make one in the file, as in model = {owner.__name__}(...), and name "
            f"{place.where}:model.{part}",
        )
    return found  # type: ignore[no-any-return]


def _part(place: Place, module: ModuleType, owner: Any, name: str) -> Any:
    found = getattr(owner, name, None)
    if found is not None:
        return found
    if owner is module:
        known = [key for key, value in vars(module).items() if inspect.isfunction(value)]
        what = f"'{place.where}' has no function '{name}'"
    else:
        known = [key for key in dir(owner) if not key.startswith("_")]
        what = f"'{place.name.rpartition('.')[0]}' in '{place.where}' has no member '{name}'"
    near = difflib.get_close_matches(name, known, 1)
    listed = ", ".join(known[:_MOST_LISTED]) or "none"
    kind = "functions" if owner is module else "members"
    hint = f"did you mean '{near[0]}'?" if near else f"its {kind} are: {listed}"
    raise SymdiffError(what, suggestion=hint)


# --- while the user's code runs ----------------------------------------------------------------


@contextlib.contextmanager
def users_code(what: str) -> Iterator[None]:
    """While this lasts, prints go to standard error, and an error becomes one sentence.

    Raises:
        SymdiffError: in the place of any other error, with its place.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except SymdiffError:
        raise
    except Exception as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_users(f.filename)]
        span = _span(frames[-1]) if frames else None
        detail = (str(error).splitlines() or ["no reason given"])[0]
        raise SymdiffError(
            f"{what} raised {type(error).__name__}: {detail}",
            span=span,
            suggestion=_advice(error),
        ) from None
    except SystemExit as error:
        raise SymdiffError(f"{what} ended with exit code {error.code}") from None


def _advice(error: Exception) -> str | None:
    if "no known parent package" in str(error):
        return "put an __init__.py beside the file, or name it as package.module:loss"
    return "; ".join(getattr(error, "__notes__", ())) or None


def _is_users(filename: str) -> bool:
    from symdiff.frontend.tracing.places import is_users

    return is_users(filename)


def _span(frame: traceback.FrameSummary) -> Span | None:
    """The place that a traceback names; `None` where the file cannot be read."""
    lines = linecache.getlines(frame.filename)
    number = frame.lineno or 0
    if not 0 < number <= len(lines):
        return None
    start = sum(map(len, lines[: number - 1]))
    line = lines[number - 1].rstrip()
    first = _characters(line, frame.colno)
    last = _characters(line, frame.end_colno) if frame.end_lineno == number else len(line)
    return Span(start + first, start + max(last, first + 1), number, frame.filename)


def _characters(line: str, column: int | None) -> int:
    """A column in characters: Python counts bytes of UTF-8."""
    return len(line.encode()[: column or 0].decode(errors="ignore"))
