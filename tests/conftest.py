"""The test run: how long fuzzers look, whether random inputs are drawn anew, why tests are skipped.

A plain run tries the same inputs each time. `--nightly` draws new ones, more of them, and prints
the seed that `--fuzz-seed` takes to try the same again.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import core, settings

GATE_SECONDS = 1.0
NIGHTLY_SECONDS = 60.0

settings.register_profile("gate", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=500, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("random inputs")
    group.addoption("--fuzz-seed", type=int, metavar="N", help="the seed of all random inputs")
    group.addoption("--fuzz-time", type=float, metavar="SECONDS", help="how long a fuzzer looks")
    group.addoption("--nightly", action="store_true", help="draw new random inputs, and more")


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
    if config.option.nightly:
        seed = config.option.fuzz_seed
        terminalreporter.line(f"drawn anew; --nightly --fuzz-seed {seed} draws the same again")
