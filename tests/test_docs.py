"""The pages say what is so.

Write the lists of NumPy's functions anew with:

    SYMDIFF_DOCS=write python -m pytest tests/test_docs.py
"""

from __future__ import annotations

import os
import re
import textwrap
from pathlib import Path

from symdiff.frontend.lowering import LOWERINGS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "numpy-functions.md"
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
    of_scipy = "special linalg fft stats interpolate integrate signal ndimage spatial optimize"
    for module in [f"scipy.{name}" for name in of_scipy.split()]:
        found = [name for name in LOWERINGS.supported if name.startswith(f"{module}.")]
        groups[f"`{module}`"] = [name.removeprefix(f"{module}.") for name in found]
    parts = [MARK]
    for title, names in groups.items():
        words = textwrap.fill(" ".join(sorted(names)), 98, break_on_hyphens=False)
        parts.append(f"{title}, {len(names)} names:\n\n```text\n{words}\n```\n")
    parts.append("Refused by name:\n\n| function | instead |\n|---|---|")
    parts += [
        f"| `{name}` | {advice or ''} |" for name, advice in sorted(LOWERINGS.refused.items())
    ]
    return "\n".join(parts) + "\n"


def test_the_page_lists_the_functions() -> None:
    before = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    if os.environ.get("SYMDIFF_DOCS") == "write":
        PAGE.write_text(before + listed(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == before + listed()


def test_links_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page, target)
