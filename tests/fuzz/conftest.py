"""A seed and a time for fuzzers."""

from __future__ import annotations

import random
import time

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "fuzz: random inputs")


@pytest.fixture
def fuzz_random() -> random.Random:
    return random.Random(0)


@pytest.fixture
def fuzz_deadline() -> float:
    """When to stop, as `time.monotonic` counts."""
    return time.monotonic() + 5.0
