"""The command that makes an emitted module again, and compares."""

from __future__ import annotations

import itertools
from pathlib import Path

import click

from symdiff.errors import CheckError, SymdiffError
from symdiff.options import (
    refusing,
)
from symdiff.reading import decoded


@click.command()
@click.argument("file", type=click.Path())
@refusing
def verify(file: str) -> None:
    """Make an emitted module again from its header and compare, byte by byte.

    Exit code 0 where the bytes agree, 1 where they differ, 2 where FILE holds no recipe.
    """
    from symdiff.emit.recipe import read_recipe, why_no_recipe
    from symdiff.modules import reopened

    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise SymdiffError(f"cannot read '{file}': {error.strerror or error}") from None
    text = decoded(data, f"'{file}'")
    recipe = read_recipe(text)
    if not isinstance(recipe, dict):
        raise SymdiffError(f"'{file}' holds no recipe: {why_no_recipe(text)}")
    again = reopened(recipe).emit()
    if again.encode() != data:
        pairs = itertools.zip_longest(text.split("\n"), again.split("\n"))
        line = next(i for i, (old, new) in enumerate(pairs, start=1) if old != new)
        raise CheckError(f"'{file}' differs from what its recipe gives, first in line {line}")
    click.echo(f"{file}: as its recipe gives it")
