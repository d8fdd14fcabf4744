"""Templates: the folders that they are found in, and the errors of the user's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from symdiff.errors import SymdiffError

if TYPE_CHECKING:
    import jinja2


def rendered(name: str, variables: Mapping[str, Any], folders: Sequence[str] = ()) -> str:
    """The text of a template.

    Args:
        name: of the template, as in `numpy/module.py.j2`.
        variables: that it names; one that is not there is an error.
        folders: where the user's own templates are, which come before the built-in ones.

    Raises:
        SymdiffError: where the folder is missing or a template is wrong: with its file and line.
    """
    import jinja2

    try:
        return _environment(folders).get_template(name).render(**variables)
    except jinja2.TemplateSyntaxError as error:
        raise _wrong(error.filename, error.lineno, error.message) from error
    except jinja2.TemplateError as error:
        raise _wrong(*_place(error), error.message) from error
    except SymdiffError:  # there is no such folder
        raise
    except Exception as error:  # what a user's template computes may fail in any way
        if not folders:
            raise
        raise _wrong(*_place(error), f"{type(error).__name__}: {error}") from error


def plain_text(name: str) -> str:
    """The text of a built-in template that holds nothing to be filled in."""
    folder = next(folder for folder in _built_in_folders() if (folder / name).exists())
    return (folder / name).read_text(encoding="utf-8")


def _wrong(file: str | None, line: int | None, reason: str | None) -> SymdiffError:
    return SymdiffError(
        f"the template '{file}' is wrong in line {line}: {reason}",
        suggestion="the built-in templates, in the folder 'templates', show what there is",
    )


def _place(error: BaseException) -> tuple[str, int | None]:
    """The innermost line of a template that an error went through."""
    file, line = "", None
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.endswith(".j2"):
            file, line = name, trace.tb_lineno
        trace = trace.tb_next
    return file, line


def _environment(folders: Sequence[str]) -> jinja2.Environment:
    """Jinja2's environment; one for the built-in templates, which do not change."""
    if not folders:
        return _built_in()
    for folder in folders:
        if not Path(folder).is_dir():
            raise SymdiffError(
                f"there is no folder of templates '{folder}'",
                suggestion="copy what you want to change from the folder 'templates' into one",
            )
    return _made([*map(Path, folders)])


@lru_cache(maxsize=1)
def _built_in() -> jinja2.Environment:
    return _made([])


def _made(own: list[Path]) -> jinja2.Environment:
    import jinja2

    folders = [*own, *_built_in_folders()]
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the output is Python, not HTML
    )


def _built_in_folders() -> list[Path]:
    """Where the templates are: installed, and in a checkout."""
    here = Path(__file__).parents[1]
    return [here / "templates", here.parent / "templates"]
