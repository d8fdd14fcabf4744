"""Where a function comes from: what a recipe holds and makes it again from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from symdiff.derive.options import MODES, PLAIN, Options
from symdiff.errors import SymdiffError
from symdiff.frontend.loops import PLAIN as LOOPS
from symdiff.frontend.loops import Loops
from symdiff.verbs import VERBS

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
        also: the last steps of the further functions of a module.
        loops: what was asked of the loops.
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
    also: tuple[Step, ...] = ()
    loops: Loops = LOOPS

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
        if self.loops.choice != LOOPS.choice:
            recipe["loops"] = self.loops.choice
        if self.loops.checkpoint is not None:
            recipe["checkpoint"] = self.loops.checkpoint
        if self.wrt is not None and not self.steps:
            recipe["wrt"] = list(self.wrt)
        recipe["steps"] = [step.data() for step in self.steps]
        return recipe | ({"also": [step.data() for step in self.also]} if self.also else {})


# --- recipes from a file -------------------------------------------------------------------------


def origin_of(recipe: Any) -> Origin:  # JSON from a file
    """The origin that `Origin.recipe` made data of; the graph in it is not looked into.

    Raises:
        SymdiffError: where the data are no recipe; the message names the field.
    """
    if not isinstance(recipe, dict):
        _damaged("it is no object")
    fields = {name: _read(name, value) for name, value in recipe.items()}
    if "steps" not in fields or ("source" in fields) == ("graph" in fields):
        _damaged("it holds steps, and either a source or a graph")
    return Origin(
        fields.get("source", "graph"),
        fields.get("name"),
        tuple(fields["steps"]),
        fields.get("shapes") or None,
        fields.get("graph"),
        fields.get("file", ""),
        fields.get("batch", False),
        fields.get("wrt"),
        reads=fields.get("reads", ()),
        also=tuple(fields.get("also", ())),
        loops=Loops(fields.get("loops", LOOPS.choice), fields.get("checkpoint")),
    )


def _read(name: str, value: Any) -> Any:
    """One field of a recipe."""
    if name not in _FIELDS:
        _damaged(f"it has a field '{name}'")
    try:
        return _FIELDS[name](value)
    except (AttributeError, TypeError, ValueError, SymdiffError):
        _damaged(f"its '{name}' is something else")


def _damaged(reason: str) -> NoReturn:
    raise SymdiffError(f"the recipe is damaged: {reason}")


def _of(kind: type) -> Callable[[Any], Any]:
    """A reader of what has exactly this type: True is no number."""

    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError
        return value

    return read


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_TEXT(part) for part in _of(list)(value))


def _shapes(value: Any) -> dict[str, tuple[int | str, ...]]:
    return {name: tuple(_length(n) for n in _of(list)(shape)) for name, shape in value.items()}


def _length(value: Any) -> int | str:
    length: int | str = _TEXT(value) if isinstance(value, str) else _of(int)(value)
    return length


def _steps(value: Any) -> list[Step]:
    return [_step(*_of(list)(step)) for step in _of(list)(value)]


def _step(verb: Any, *rest: Any) -> Step:
    """A verb that there is, names, and the options that a verb is told."""
    told = rest[-1] if rest and isinstance(rest[-1], dict) else {}
    wrt = _texts(list(rest[: len(rest) - bool(told)]))
    options = Options(**told)
    known = (None, *MODES), (False, True), (False, True)
    if VERBS.get(_TEXT(verb)) is None or not all(map(_is_one_of, options, known)):
        raise ValueError
    return Step(verb, wrt, options)


def _is_one_of(value: Any, known: Sequence[Any]) -> bool:
    return any(value is other or (value == other and type(value) is str) for other in known)


_TEXT = _of(str)
_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "source": _TEXT,
    "graph": _of(dict),
    "file": _TEXT,
    "name": _TEXT,
    "shapes": _shapes,
    "batch": _of(bool),
    "wrt": _texts,
    "reads": _texts,
    "steps": _steps,
    "also": _steps,
    "target": _TEXT,
    "dtype": _TEXT,
    "loops": lambda value: Loops(_TEXT(value)).checked().choice,
    "checkpoint": lambda value: Loops(checkpoint=_of(int)(value)).checked().checkpoint,
}
