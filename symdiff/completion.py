"""Completion in a shell: files, the functions in a file, targets."""

from __future__ import annotations

import ast
from pathlib import Path

import click
from click.shell_completion import CompletionItem


def sources(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    """A file, or behind its colon a function in it; the file is read and not run."""
    file, colon, name = begun.rpartition(":")
    if not colon:
        return [CompletionItem(begun, type="file")]
    return [
        CompletionItem(f"{file}:{found.name}", help=(ast.get_docstring(found) or "").split("\n")[0])
        for found in _functions(Path(file))
        if found.name.startswith(name)
    ]


def _functions(file: Path) -> list[ast.FunctionDef]:
    """The functions that a file defines; none where it cannot be read."""
    try:
        body = ast.parse(file.read_bytes()).body
    except (OSError, SyntaxError, ValueError):
        return []
    return [node for node in body if isinstance(node, ast.FunctionDef)]


def targets(_ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
    """The names of targets, with what each is for."""
    from symdiff.emit.targets import modules, target_of

    return [
        CompletionItem(name, help=target_of(name).purpose)
        for name in modules()
        if name.startswith(begun)
    ]
