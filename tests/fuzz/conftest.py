"""Fuzzers: random inputs until their time is up, each beside a reader of its own.

Every test in this folder has the marker `fuzz`. One loops `while time.monotonic() < fuzz_deadline`,
draws from `fuzz_random` alone, and names the input in the message of its assertion.
"""

from __future__ import annotations

import random
import time

import pytest


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker(pytest.mark.fuzz)


@pytest.fixture
def fuzz_random(request: pytest.FixtureRequest) -> random.Random:
    """A generator that depends on `--fuzz-seed` and the test's name."""
    seed = request.config.option.fuzz_seed
    print(f"drawn with --fuzz-seed {seed}")
    return random.Random(f"{seed} {request.node.name}")


@pytest.fixture
def fuzz_deadline(request: pytest.FixtureRequest) -> float:
    """The end of a fuzzer's time, by `time.monotonic()`."""
    return time.monotonic() + request.config.option.fuzz_time
