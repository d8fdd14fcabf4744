"""Loops in loops: what is asked of each is asked once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symdiff as sd
from symdiff.schedule import writes


def nested(x: Any, w: Any) -> Any:
    found = np.zeros((2, 2, 2, 2, 2))
    for a in range(2):
        for b in range(2):
            for c in range(2):
                for d in range(2):
                    for e in range(2):
                        for k in range(2):
                            if a >= b:
                                found[a, b, c, d, e] += x[c + k, d] * w[e, k]
    return np.sum(found**2)


def test_what_the_steps_of_each_loop_own_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    known = writes.owned

    def counted(layout: Any, in_place: Any) -> Any:
        asked.append((layout, in_place))  # both are kept, and so is what they are known by
        return known(layout, in_place)

    monkeypatch.setattr(writes, "owned", counted)
    x, w = np.arange(6.0).reshape(3, 2), np.array([[0.5, -1.0], [2.0, 0.25]])
    value, slope = sd.value_and_grad(nested, loops="roll")(x, w)
    assert value == pytest.approx(nested(x, w), rel=1e-13)
    assert len(asked) == len({(layout, id(in_place)) for layout, in_place in asked})
    h = 1e-6
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        difference = (nested(x + step, w) - nested(x - step, w)) / (2 * h)
        assert slope[place] == pytest.approx(difference, rel=1e-6, abs=1e-6)
