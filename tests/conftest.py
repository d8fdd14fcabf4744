"""The test run: how long fuzzers look, what a plain run leaves to the nightly one, what it says.

A plain run tries the same inputs each time. `--nightly` draws new ones, more of them, and prints
the seed that `--fuzz-seed` takes to try the same again. Of a test that is marked `spread(n)`, a
plain run of all or of a folder tries every n-th case. What is asked for by its file, by name, by
`-k` or by `-m` is tried whole.
"""

from __future__ import annotations

import random
import zlib
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import core, settings

GATE_SECONDS = 1.0
NIGHTLY_SECONDS = 60.0

settings.register_profile("gate", deadline=None, max_examples=30, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=500, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("random inputs")
    group.addoption("--fuzz-seed", type=int, metavar="N", help="the seed of all random inputs")
    group.addoption("--fuzz-time", type=float, metavar="SECONDS", help="how long a fuzzer looks")
    group.addoption("--nightly", action="store_true", help="draw new random inputs, all cases")
    group.addoption(
        "--spread", type=int, default=1, metavar="N", help="try every N-th case of every test"
    )


def pytest_configure(config: pytest.Config) -> None:
    option = config.option
    nightly = option.nightly
    settings.load_profile("nightly" if nightly else "gate")
    if option.fuzz_time is None:
        option.fuzz_time = NIGHTLY_SECONDS if nightly else GATE_SECONDS
    option.fuzz_seed = _seed(config)
    if nightly:
        core.global_force_seed = option.fuzz_seed


def _seed(config: pytest.Config) -> int:
    """The seed that was given or drawn; the workers of a parallel run are handed it."""
    if hasattr(config, "workerinput"):
        return config.workerinput["fuzz_seed"]
    if config.option.fuzz_seed is not None:
        return config.option.fuzz_seed
    return random.SystemRandom().randrange(2**31) if config.option.nightly else 0


# --- a spread sample ---------------------------------------------------------------------------

SPREAD = pytest.StashKey[tuple[int, int]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave cases of tests that are marked `spread` to the nightly run."""
    option = config.option
    is_whole = option.nightly or option.keyword or option.markexpr
    files = {Path(argument.partition("::")[0]).resolve() for argument in config.args}
    cases = defaultdict(list)
    for item in items:
        cases[item.nodeid.partition("[")[0]].append(item)
    left = set[pytest.Item]()
    count = 0
    for test, found in cases.items():
        mark = found[0].get_closest_marker("spread")
        is_asked = is_whole or found[0].path in files
        step = option.spread * (mark.args[0] if mark and not is_asked else 1)
        first = zlib.crc32(test.encode()) % min(step, len(found))  # not the same for all tests
        count += len(found) * (step > 1)
        left.update(case for number, case in enumerate(found) if number % step != first)
    config.stash[SPREAD] = (len(left), count)
    if hasattr(config, "workeroutput"):
        config.workeroutput["spread"] = config.stash[SPREAD]
    if left:
        items[:] = [item for item in items if item not in left]
        config.hook.pytest_deselected(items=[*left])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    if "spread" in getattr(node, "workeroutput", {}):
        node.config.stash[SPREAD] = node.workeroutput["spread"]


# --- what is said ------------------------------------------------------------------------------


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["fuzz_seed"] = node.config.option.fuzz_seed


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    for reason, count in sorted(reasons.items()):
        terminalreporter.line(f"skipped, {count}: {reason}")
    left, count = config.stash.get(SPREAD, (0, 0))
    if left:
        terminalreporter.line(f"left to --nightly: {left} of {count} cases, by spread samples")
    if config.option.nightly:
        seed = config.option.fuzz_seed
        terminalreporter.line(f"drawn anew; --nightly --fuzz-seed {seed} draws the same again")
