"""The command: `python -m benchmarks [case ...]`."""

from __future__ import annotations

import argparse
import os
from importlib import import_module
from pathlib import Path

from benchmarks.measure import versions
from benchmarks.options import Options
from benchmarks.peers import DISTRIBUTIONS
from benchmarks.report import Section

CASES = (
    "calls",
    "by_hand",
    "networks",
    "regression",
    "compile",
    "scale",
    "counts",
    "derivatives",
    "adbench",
    "npbench",
    "programs",
    "compiled",
    "process",
    "rows",
)
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"

_HEAD = """\
# Benchmarks

Written by `python -m benchmarks --full --write`. Each figure is the median of interleaved
repetitions, each ratio is taken within a round of one run; the machine is shared, so times
vary from run to run by some ten per cent, ratios by less."""


def main() -> None:
    """Run the cases, print them, and write the page if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="case", help=f"of {', '.join(CASES)}")
    parser.add_argument("--full", action="store_true", help="the largest sizes too")
    parser.add_argument("--profile", action="store_true", help="show profiles in any case")
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}; all cases")
    asked = parser.parse_args()
    unknown = [case for case in asked.cases if case not in CASES]
    if unknown:
        parser.error(f"no case {', '.join(unknown)}; there are {', '.join(CASES)}")
    if asked.write and asked.cases:
        parser.error("--write takes all cases, so that the page is of one run")
    environment = _environment()
    print(environment)
    sections = []
    for case in asked.cases or CASES:
        section: Section = import_module(f"benchmarks.{case}").run(
            Options(full=asked.full, profile=asked.profile)
        )
        print(f"\n{section.text()}", flush=True)
        sections.append(section)
    if asked.write:
        parts = [_HEAD, environment, *[section.markdown() for section in sections]]
        PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _environment() -> str:
    found = versions(DISTRIBUTIONS)
    listed = ", ".join(f"{name} {version}" for name, version in found.items())
    return f"{listed}; {os.cpu_count()} cores."


if __name__ == "__main__":
    main()
