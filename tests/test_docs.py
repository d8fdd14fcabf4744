"""The pages say what is so.

Write the lists of NumPy's and SciPy's functions anew with:

    SYMDIFF_DOCS=write python -m pytest tests/test_docs.py
"""

from __future__ import annotations

import os
import re
import textwrap
from pathlib import Path

import symdiff as sd
import symdiff.routines  # fills the table
from symdiff.frontend.lowering import LOWERINGS
from symdiff.frontend.tracing.routines import ROUTINES
from symdiff.frontend.tracing.spline_making import MAKERS
from symdiff.frontend.tracing.unseen import ADVICE, CUSTOM_RULE
from tests.frontend.tracing.names_in_python import OF_VECTORS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "numpy-functions.md"
SCIPY_PAGE = ROOT / "docs" / "scipy-functions.md"
MARK = "## The functions\n"


def listed() -> str:
    """The part of the page on which functions are supported, and which are refused."""
    groups = {
        "NumPy": [name for name in LOWERINGS.supported if "." not in name],
    }
    for module in ("numpy.linalg", "numpy.fft"):
        prefix = module.removeprefix("numpy.") + "."
        found = [name for name in LOWERINGS.supported if name.startswith(prefix)]
        groups[f"`{module}`"] = [name.removeprefix(prefix) for name in found]
    parts = [MARK]
    for title, names in groups.items():
        words = textwrap.fill(" ".join(sorted(names)), 98, break_on_hyphens=False)
        parts.append(f"{title}, {len(names)} names:\n\n```text\n{words}\n```\n")
    words = textwrap.fill(" ".join(sorted(OF_VECTORS)), 98, break_on_hyphens=False)
    title = f"NumPy's own Python code, or what stands for it, {len(OF_VECTORS)} names"
    parts.append(f"{title}:\n\n```text\n{words}\n```\n")
    parts.append("Refused by name:\n\n| function | instead |\n|---|---|")
    parts += [
        f"| `{name}` | {advice or ''} |"
        for name, advice in sorted(LOWERINGS.refused.items())
        if not name.startswith("scipy.")
    ]
    return "\n".join(parts) + "\n"


# --- SciPy ---------------------------------------------------------------------------------------

_BY_MODULE = (
    "special linalg fft stats interpolate integrate optimize signal ndimage spatial.distance"
).split()
_METHODS = "pdf logpdf cdf logcdf sf logsf ppf isf pmf logpmf mean var std entropy".split()


def scipy_listed() -> str:
    """The part of SciPy's page that says, module by module, what has derivatives."""
    names = [*LOWERINGS.supported, *ROUTINES, *(f"scipy.interpolate.{name}" for name in MAKERS)]
    parts = [MARK]
    counts = []
    for module in _BY_MODULE:
        prefix = f"scipy.{module}."
        inside = sorted({name.removeprefix(prefix) for name in names if name.startswith(prefix)})
        plain = [name for name in inside if "." not in name]
        partly = dict(filter(None, map(_partly, plain))) if module == "special" else {}
        parts.append(f"### `scipy.{module}`\n")
        whole = [name for name in plain if name not in partly]
        parts.append(_block(f"{len(whole)} functions", whole))
        if partly:
            parts.append(f"{len(partly)} functions by some of their arguments:\n")
            parts.append("| function | derivative by | the others |\n|---|---|---|")
            parts += [f"| `{call}` | {by} | {known} |" for call, by, known in partly.values()]
            parts.append("")
        refused = {
            name.removeprefix(prefix): advice
            for name, advice in {**ADVICE, **LOWERINGS.refused}.items()
            if name.startswith(prefix)
        }
        if module == "stats":
            parts.append(_distributions(inside))
        if refused:
            parts.append(f"{len(refused)} names refused:\n\n| function | instead |\n|---|---|")
            parts += [
                f"| `{name}` | {advice or CUSTOM_RULE} |"
                for name, advice in sorted(refused.items())
            ]
            parts.append("")
        counts.append((module, len(whole), len(partly), len(refused)))
    table = ["| module | functions | by some arguments | refused by name |", "|---|---|---|---|"]
    table += [f"| `scipy.{module}` | {m} | {n} | {k} |" for module, m, n, k in counts]
    parts[1:1] = [*table, ""]
    return "\n".join(parts).rstrip() + "\n"


def _block(title: str, names: list[str]) -> str:
    words = textwrap.fill(" ".join(names), 98, break_on_hyphens=False)
    return f"{title}:\n\n```text\n{words}\n```\n"


def _partly(name: str) -> tuple[str, tuple[str, str, str]] | None:
    """The arguments that a function of numbers has derivatives by, where it is not all."""
    words = LOWERINGS[f"scipy.special.{name}"].arguments.split(", ")
    given = [word for word in words if word.isidentifier()]
    if not LOWERINGS[f"scipy.special.{name}"].is_elementwise or len(given) < 2:
        return None
    found = [word for word in given if _has_slope(name, given, word)]
    if found == given or not found:
        return None
    call = f"{name}({', '.join(given)})"
    is_free = _has_slope(name, given, found[-1], "names")
    known = "are not differentiated by" if is_free else "are known numbers"
    return name, (call, ", ".join(f"`{word}`" for word in found), known)


def _has_slope(name: str, given: list[str], by: str, others: str = "numbers") -> bool:
    """Whether a call has a derivative by one argument, where the others are numbers or names."""
    words = [word if word == by or others == "names" else "2" for word in given]
    try:
        sd.function(f"{name}({', '.join(words)})").grad(wrt=by)
    except sd.SymdiffError:
        return False
    return True


def _distributions(inside: list[str]) -> str:
    """The methods of each distribution of `scipy.stats`."""
    found: dict[str, list[str]] = {}
    for name in inside:
        if "." in name:
            distribution, _, method = name.rpartition(".")
            found.setdefault(distribution, []).append(method)
    lines = [f"{len(found)} distributions and densities, frozen or not:\n\n| name | methods |"]
    lines.append("|---|---|")
    for distribution, methods in found.items():
        order = sorted(methods, key=lambda m: (_METHODS.index(m) if m in _METHODS else -1, m))
        lines.append(f"| `{distribution}` | {' '.join(f'`{m}`' for m in order)} |")
    return "\n".join(lines) + "\n"


def test_the_page_of_scipy_lists_what_has_derivatives() -> None:
    """The lists of `scipy.special` are found by differentiating each function by each argument."""
    before = SCIPY_PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    found = before + scipy_listed()
    if os.environ.get("SYMDIFF_DOCS") == "write":
        SCIPY_PAGE.write_text(found, encoding="utf-8")
    assert SCIPY_PAGE.read_text(encoding="utf-8") == found


def test_the_page_lists_the_functions() -> None:
    before = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    if os.environ.get("SYMDIFF_DOCS") == "write":
        PAGE.write_text(before + listed(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == before + listed()


def test_links_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page, target)
