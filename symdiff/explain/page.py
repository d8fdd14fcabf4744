"""Page of an explanation: one file of HTML that needs no network.

Formulas are MathML, made of the LaTeX of the graph: browsers draw it by themselves, and a library
with its fonts would be larger than all else. The page is whole without scripts; with them it plays
the steps, and computes at other points by the steps' functions in JavaScript.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any  # JSON

from symdiff.emit.latex import latex
from symdiff.emit.templates import plain_text, rendered
from symdiff.errors import LimitError, SymdiffError, source_lines
from symdiff.explain.background import Background
from symdiff.explain.explanation import ExplainedStep, Explanation, Walk
from symdiff.explain.mathml import LONGEST, mathml
from symdiff.explain.pictures import of_trace
from symdiff.explain.script import obstacle, script_of
from symdiff.explain.steps import Step
from symdiff.explain.tables import html_cell
from symdiff.explain.words import Formula, equation, partial, shown
from symdiff.explain.words import name as named
from symdiff.verify.step_errors import step_errors

MOST_STEPS = 2_000
MOST_TANGENTS = 12  # inputs that have a player forward each
DIGITS = 6  # of numbers in plots
_DECLARED = re.compile(r"\s*(\w+\s*:\s*(\[|\w+\s*$)|#|$)")  # nothing that names a function
_SCRIPTS = ("functions.js", "trace.js", "charts.js", "player.js")


def page_of(explanation: Explanation, background: Background) -> str:
    """The text of the page.

    Raises:
        LimitError: where there are more steps than a page can show.
    """
    if len(explanation.steps) > MOST_STEPS:
        raise LimitError(
            f"a page of {len(explanation.steps):,} steps is not made",
            suggestion="explain a smaller case, or print the steps with --full",
        )
    trace, subject = background.trace, background.subject
    source, origin = _source(explanation, background)
    why_fixed = background.why_fixed or obstacle(trace.steps)
    functions, numbers = ([], [0] * len(trace.steps)) if why_fixed else script_of(trace.steps)
    walks = {"backward": background.backward()}
    for name in background.wrt[:MOST_TANGENTS]:
        walks[f"forward:{name}"] = background.forward(name)
    picture = of_trace(background.trace, background.source)
    data = {
        "inputs": [_input(name, value) for name, value in explanation.at.items()],
        "wrt": background.wrt,
        "output": background.output,
        "steps": [
            {"name": step.name, "reads": step.names, "varied": step.varied, "program": number}
            | {"span": _span(origin, step, background)}
            for step, number in zip(trace.steps, numbers, strict=True)
        ],
        "walks": {key: [line.name for line in walk.lines] for key, walk in walks.items()},
        "isLive": not why_fixed,
        "errors": [_errors(one) for one in step_errors(*background.of_differences())],
        "samples": None if not why_fixed else _samples(background),
    }
    return rendered(
        "report/page.html.j2",
        {
            "title": html.escape(_title(explanation)),
            "formula": _formula(background),
            "source": html.escape(source),
            "inputs": [_input_row(*pair) for pair in explanation.at.items()],
            "steps": [_step_row(number, step) for number, step in enumerate(explanation.steps)],
            "walks": [
                {
                    "key": html.escape(key),
                    "label": html.escape(_label(key)),
                    "title": html.escape(walk.title),
                    "lines": list(_walk_rows(key, walk, background)),
                }
                for key, walk in walks.items()
            ],
            "first": f"forward:{background.wrt[0]}" if background.is_forward else "backward",
            "has_lines": any(step.line for step in explanation.steps),
            "results": [_result(one) for one in explanation.results],
            "notes": [html.escape(note) for note in explanation.notes],
            "graph": picture.svg(),
            "inside": [
                {"key": html.escape(key), "graph": part.svg()}
                for key, part in picture.inside.items()
            ],
            "why_fixed": html.escape(why_fixed),
            "swell": _swell(background),
            "emitted": html.escape(subject.emit()),
            "style": plain_text("report/page.css"),
            "data": _embedded(data),
            "functions": f"[{', '.join(functions)}]",
            "scripts": [plain_text(f"report/{name}") for name in _SCRIPTS],
        },
    )


def _embedded(data: Any) -> str:
    """JSON inside of a script: no text can end it."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _title(explanation: Explanation) -> str:
    lines = explanation.source.strip().split("\n")
    first = next((line for line in lines if not _DECLARED.match(line)), lines[0])
    return first if len(first) <= 60 else f"{first[:57]}..."


def _formula(background: Background) -> str:
    """The function as mathematics, where that is short."""
    try:
        tex = latex(background.subject.primal.select([0]))
    except SymdiffError:  # it has no notation, or is too large for one
        return ""
    return mathml(tex, is_block=True) if len(tex) <= LONGEST else ""


# --- the source ----------------------------------------------------------------------------------


def _source(explanation: Explanation, background: Background) -> tuple[str, int]:
    """The text that is shown, and where in its file it begins: a traced function's lines."""
    spans = [span for span in background.spans() if span.file]
    if not spans:
        return explanation.source, 0
    file = spans[0].file
    numbers = [span.line for span in spans if span.file == file]
    lines = source_lines(file)
    first = max(0, min(numbers) - 2)  # the line before is the head of the function, most often
    text = "".join(lines[first : max(numbers)])
    return text.rstrip("\n"), len("".join(lines[:first]))


def _span(origin: int, step: Step, background: Background) -> list[int] | None:
    """The stretch of the shown source that a step comes from, in units of JavaScript's strings."""
    span = background.span(step)
    if span is None or span.end <= origin:
        return None
    text = background.text(span)
    return [_units(text[origin : origin + at]) for at in (span.start - origin, span.end - origin)]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


# --- rows ----------------------------------------------------------------------------------------


def _number(slot: str, value: Any) -> str:
    """A number that the page can compute anew."""
    return f'<span class="number" data-v="{html.escape(slot)}">{html.escape(shown(value))}</span>'


def _input(name: str, value: Any) -> dict[str, Any]:
    is_number = isinstance(value, float)
    return {"name": name, "value": value if is_number else None, "shown": str(shown(value))}


def _input_row(name: str, value: Any) -> dict[str, Any]:
    return {
        "key": html.escape(name),
        "name": html_cell(named(name)),
        "value": _number(f"value:{name}", value),
        "is_number": isinstance(value, float),
    }


def _step_row(number: int, step: ExplainedStep) -> dict[str, Any]:
    return {
        "number": number,
        "key": html.escape(step.name),
        "line": step.line or "",
        "formula": _equation(step.name, step.formula),
        "value": _number(f"value:{step.name}", step.value),
        "derivatives": [
            {
                "formula": mathml(f"{partial(step.name, one.by).tex} = {_tex(one.formula)}")
                if one.formula
                else html_cell(partial(step.name, one.by)),
                "value": _number(f"local:{step.name}:{one.by}", one.value),
            }
            for one in step.derivatives
        ],
        "notes": html.escape("; ".join(step.notes)),
    }


def _tex(words: str) -> str:
    return words.tex if isinstance(words, Formula) else rf"\text{{{words}}}"


def _equation(left: str, words: str) -> str:
    if isinstance(words, Formula):
        return mathml(equation(left, words).tex)
    return f"{html_cell(named(left))} = {html.escape(words)}"


def _label(key: str) -> str:
    _, _, name = key.partition(":")
    return f"Forward along {name}" if name else "Backward"


def _walk_rows(key: str, walk: Walk, background: Background) -> Iterator[dict[str, Any]]:
    kind, _, along = key.partition(":")
    steps = {step.name: number for number, step in enumerate(background.trace.steps)}
    for number, line in enumerate(walk.lines):
        of = line.name.removesuffix("_bar").removesuffix("_dot")
        slot = f"bar:{of}" if kind == "backward" else f"dot:{along}:{of}"
        yield {
            "number": number,
            "key": html.escape(of),
            "name": html_cell(named(line.name)),
            "value": _number(slot, line.value),
            "parts": [
                {
                    "formula": html_cell(part.formula),
                    "value": _number(_part_slot(kind, along, of, k), part.value),
                    "is_many": len(line.summands) > 1,
                }
                for k, part in enumerate(line.summands)
            ],
            "step": steps.get(of, -1),
        }


def _part_slot(kind: str, along: str, of: str, number: int) -> str:
    return f"part:{of}:{number}" if kind == "backward" else f"push:{along}:{of}:{number}"


def _result(one: Any) -> dict[str, str]:
    output, by = one.lines
    return {
        "name": html_cell(partial(output, by)),
        "value": _number(f"bar:{by}", one.value),
        "differences": "not compared" if one.differences is None else f"{one.differences:.1e}",
        "exact": "not compared" if one.exact is None else f"{one.exact:.1e}",
    }


# --- charts --------------------------------------------------------------------------------------


def _errors(one: Any) -> dict[str, Any]:
    return {
        "by": one.by,
        "steps": one.steps,
        "methods": {name: [_finite(x) for x in errors] for name, errors in one.methods.items()},
        "emitted": _finite(one.emitted),
    }


def _finite(x: float) -> float | None:
    return float(f"{x:.{DIGITS}g}") if abs(x) < float("inf") else None


def _samples(background: Background) -> dict[str, Any] | None:
    """Of a function of one number or two that the page cannot compute itself."""
    found = background.samples()
    if found is None:
        return None
    return {
        "names": found.names,
        "axes": [[_finite(float(x)) for x in axis] for axis in found.axes],
        "values": _rounded(found.values),
        "slopes": [_rounded(slope) for slope in found.slopes],
    }


def _rounded(array: Any) -> Any:
    return (
        [_rounded(part) for part in array] if getattr(array, "ndim", 0) else _finite(float(array))
    )


def _swell(background: Background) -> list[dict[str, str]]:
    """Operations of value and gradient, as bars on a scale of logarithms."""
    import math

    counts = background.operations()
    most = max([count for _, count in counts if math.isfinite(count)], default=1.0)
    top = max(1.0, math.log10(max(most, 10.0)))
    return [
        {
            "name": html.escape(name),
            "count": f"{count:,.0f}" if count < 1e9 else f"{count:.3g}",
            "width": f"{min(100.0, 100.0 * math.log10(max(count, 1.0) + 1.0) / (top + 0.05)):.1f}",
        }
        for name, count in counts
    ]
