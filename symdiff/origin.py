"""Where a function comes from: what a recipe holds and makes it again from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from symdiff.verbs import PLAIN, Options

Shapes = Mapping[str, Sequence[int | str]]


class Step(NamedTuple):
    """A verb, the inputs that it differentiates by, and what it is told."""

    verb: str
    wrt: tuple[str, ...]
    options: Options = PLAIN

    def data(self) -> list[Any]:  # JSON
        """As a recipe holds it; options that were not given are left out."""
        told = {name: value for name, value in self.options._asdict().items() if value}
        return [self.verb, *self.wrt, *([told] if told else [])]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a function is made from again: a text, or a graph, and the verbs in turn.

    Attributes:
        text: the source; of a traced function a word on what it was.
        name: what the user calls the output.
        steps: the verbs, each with the inputs that it differentiates by and what it is told.
        shapes: what the user declared beside the text.
        graph: the graph as plain data, where there is no text to make it from again.
        file: the name of the file that a traced function stands in.
        batch: whether leading batch axes were asked for.
        wrt: the inputs that the function is differentiated by where a verb does not say; `None`
            for all.
        notes: how the source was read, where that may surprise; no part of the recipe.
        reads: the inputs that are arrays which the function reads beside its arguments.
    """

    text: str
    name: str | None
    steps: tuple[Step, ...] = ()
    shapes: Shapes | None = None
    graph: Mapping[str, Any] | None = None  # JSON
    file: str = ""
    batch: bool = False
    wrt: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    def recipe(self) -> dict[str, Any]:  # JSON
        """The origin as plain data."""
        recipe: dict[str, Any] = {"source": self.text}
        if self.graph is not None:
            recipe = {"graph": dict(self.graph)} | ({"file": self.file} if self.file else {})
        if self.reads:
            recipe["reads"] = list(self.reads)
        if self.name is not None:
            recipe["name"] = self.name
        if self.shapes:
            recipe["shapes"] = {name: list(shape) for name, shape in self.shapes.items()}
        if self.batch:
            recipe["batch"] = True
        if self.wrt is not None and not self.steps:
            recipe["wrt"] = list(self.wrt)
        return recipe | {"steps": [step.data() for step in self.steps]}
