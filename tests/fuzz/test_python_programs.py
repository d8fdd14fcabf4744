"""Random Python programs on numbers and arrays, traced, beside themselves in 50 digits."""

from __future__ import annotations

import random
import time

from tests.frontend.staging.programs import Writer
from tests.frontend.staging.test_random_programs import (
    CONSTANT,
    POINTS,
    REFUSED,
    check,
    check_arrays,
    check_steps,
)
from tests.frontend.tracing.checks import without_ways
from tests.refused import passing_over

LEAST = 0.75  # of the programs are compared


def test_programs_of_numbers(fuzz_random: random.Random, fuzz_deadline: float) -> None:
    while time.monotonic() < fuzz_deadline:
        seed = fuzz_random.getrandbits(32)
        with passing_over(CONSTANT):
            check(Writer(seed).program(), str(seed), *POINTS)


def test_programs_of_arrays(fuzz_random: random.Random, fuzz_deadline: float) -> None:
    tried = compared = 0
    while time.monotonic() < fuzz_deadline or tried < 5:
        tried += 1
        with passing_over(*REFUSED), without_ways():
            check_arrays(fuzz_random.getrandbits(32))
            compared += 1
    print(f"{tried} programs, {compared} compared")
    assert compared >= LEAST * tried


def test_programs_of_long_loops(fuzz_random: random.Random, fuzz_deadline: float) -> None:
    while time.monotonic() < fuzz_deadline:
        with passing_over(CONSTANT):
            check_steps(fuzz_random.getrandbits(32))
