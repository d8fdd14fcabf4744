"""The pages' code blocks: each is run, or compared with what it shows.

A page is a program: its blocks share a folder and Python's names, from top to bottom, and hidden
blocks (`<!-- invisible-code-block: python ... -->`) define what a reader can imagine. By language:

- `python`, `pycon`: run, as a doctest where it has prompts;
- `console`: each line behind `$` is run by a shell, its output and errors are compared; one that
  calls the C compiler where there is one;
- `sh`: lines that begin with `symdiff` are run, others are parsed by a shell;
- `symdiff`: a program of the grammar, read;
- `text`: a picture, a measurement, or a list that another test compares.

A comment right before a block of Python, or of C, says what else it is:

- `<!-- file: model.py -->`: also written to this file;
- `<!-- emitted: g.py -->`: parts of this file, or of the module of the function of this name;
- `<!-- needs: torch -->`: run where this package is installed;
- `<!-- apart -->`: run with all such blocks so far in an interpreter of its own.
"""

from __future__ import annotations

import contextlib
import doctest
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Document, Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser

import symdiff as sd

ROOT = Path(__file__).parents[1]
NOTE = re.compile(r"<!-- (file|emitted|needs|apart)(?:: (\S+))? -->\s*\Z")
LANGUAGES = ("c", "console", "pycon", "python", "sh", "symdiff", "text")
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def folder(example: Example) -> Path:
    """The folder that the blocks of a page share."""
    made: Path = example.namespace["__folder__"]
    return made


@contextlib.contextmanager
def inside(example: Example) -> Iterator[None]:
    """The page's folder as the place to work in and to import from."""
    sys.path.insert(0, str(folder(example)))
    try:
        with contextlib.chdir(folder(example)):
            yield
    finally:
        sys.path.pop(0)
        for name in [path.stem for path in folder(example).glob("*.py")]:
            sys.modules.pop(name, None)  # another page has its own


def environment() -> dict[str, str]:
    """A shell's variables in which `symdiff` is this one."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {"PATH": path, "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": str(ROOT)}


def shell(command: str, example: Example) -> subprocess.CompletedProcess[str]:
    """A command, run in the page's folder; its errors stand among its output."""
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder(example),
        env=environment(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def run_python(example: Example) -> str | None:
    """A block of Python, by the comment before it."""
    note = NOTE.search(example.document.text, 0, example.start)
    kind, name = note.groups() if note else ("", "")
    if kind == "emitted":
        return compare_with_emitted(example, name)
    if kind == "needs" and importlib.util.find_spec(name) is None:
        return None
    if kind == "apart":
        return run_apart(example)
    write_file(example)
    with inside(example):
        PythonEvaluator()(example)
    return None


def write_file(example: Example) -> None:
    """The file that the comment before a block names, if it names one."""
    note = NOTE.search(example.document.text, 0, example.start)
    if note and note[1] == "file":
        (folder(example) / note[2]).write_text(example.parsed, encoding="utf-8")


def compare_with_emitted(example: Example, name: str) -> str | None:
    """Whether each run of lines of a block stands in an emitted module, notes of lines apart."""
    path = folder(example) / name
    emitted = path.read_text("utf-8") if path.exists() else example.namespace[name].emit()
    have = [re.sub(r"  # line \d+$", "", line).strip() for line in emitted.splitlines()]
    for part in re.split(r"\n\s*\n", example.parsed.strip()):
        wanted = [re.sub(r"  # line \d+$", "", line).strip() for line in part.splitlines()]
        if not any(have[i : i + len(wanted)] == wanted for i in range(len(have))):
            return f"these lines do not stand in {name}:\n{part}\n--- but ---\n{emitted}"
    return None


def run_apart(example: Example) -> str | None:
    """A block that changes what all tests share, in an interpreter of its own."""
    parts = example.namespace.setdefault("__apart__", [])
    parts.append(str(example.parsed))
    command = [sys.executable, "-W", "error", "-c", "\n".join(parts)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True)
    return done.stderr if done.returncode else None


def run_session(example: Example) -> str | None:
    """A block of a session with Python."""
    test = doctest.DocTestParser().get_doctest(
        example.parsed, example.namespace, example.path, example.path, example.line
    )
    said: list[str] = []
    with inside(example):
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        failed, _ = runner.run(test, out=said.append, clear_globs=False)
    example.namespace.update(test.globs)
    return "".join(said) if failed else None


def run_console(example: Example) -> str | None:
    """Commands behind `$`, each with what it prints."""
    for part in re.split(r"^\$ ", example.parsed, flags=re.MULTILINE)[1:]:
        command, _, wanted = part.partition("\n")
        if command.startswith("cc ") and shutil.which("cc") is None:
            continue
        got = shell(command, example).stdout
        if not doctest.OutputChecker().check_output(wanted.strip(), got.strip(), FLAGS):
            return f"$ {command}\n--- wanted ---\n{wanted}\n--- got ---\n{got}"
    return None


def run_shell(example: Example) -> str | None:
    """Lines of a script: symdiff's are run, the rest, which installs and tests, is parsed."""
    for line in str(example.parsed).splitlines():
        checked = line if line.startswith("symdiff ") else f"bash -n <<'END'\n{line}\nEND"
        done = shell(checked, example)
        if done.returncode:
            return f"{line}\n{done.stdout}"
    return None


def read_program(example: Example) -> None:
    """A program of the grammar."""
    sd.function(str(example.parsed))


def check_languages(document: Document) -> list[Example]:
    """No region: every fence says its language, so that no block is passed over."""
    opened = False
    for fence in re.findall(r"^ *```(.*)$", document.text, re.MULTILINE):
        opened = not opened
        if opened and fence not in LANGUAGES:
            raise ValueError(f"{document.path}: a block of the language {fence!r}")
    return []


SYBIL = Sybil(
    parsers=[
        check_languages,
        CodeBlockParser("python", run_python),
        CodeBlockParser("c", write_file),
        CodeBlockParser("pycon", run_session),
        CodeBlockParser("console", run_console),
        CodeBlockParser("sh", run_shell),
        CodeBlockParser("symdiff", read_program),
    ],
    path=str(ROOT),
)
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    document = SYBIL.parse(page)
    document.namespace["__folder__"] = tmp_path
    for example in document.examples():
        example.evaluate()
