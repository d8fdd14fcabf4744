"""S4 and S9: the two-layer network of the examples, equal to PyTorch's from the same weights.

What PyTorch gives is stored in torch.json, so that the tests need no PyTorch. Where it is installed
the stored numbers are compared with what it gives now. To write them anew:

    SYMDIFF_TORCH=write python -m pytest tests/seeds/test_networks.py
"""

from __future__ import annotations

import json
import os
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import symdiff as sd

STORED = Path(__file__).with_name("torch.json")
EXAMPLE = Path(__file__).parents[2] / "examples" / "two_layer_network.py"
NAMES = ("W1", "b1", "W2", "b2")
SAME_CURVE = 1e-10  # relative: 1,000 steps, each with a few roundings

network = runpy.run_path(str(EXAMPLE))


def data(samples: int) -> tuple[Any, np.ndarray, np.ndarray]:
    """The weights and samples that the example draws."""
    random = np.random.default_rng(0)
    x, y = random.normal(size=(samples, 10)), random.normal(size=(samples, 1))
    return network["start"](random), x, y


def flat(net: Any) -> list[float]:
    return np.concatenate([vars(net)[name].ravel() for name in NAMES]).tolist()


def by_pytorch(samples: int, steps: int) -> dict[str, list[float]]:
    """Losses before each step and the weights after the last, by nn.Linear, ReLU and SGD."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: stored values only")
    net, x, y = data(samples)
    first, second = torch.nn.Linear(10, 20), torch.nn.Linear(20, 1)
    model = torch.nn.Sequential(first, torch.nn.ReLU(), second).double()
    with torch.no_grad():
        for layer, weight, bias in ((first, net.W1, net.b1), (second, net.W2, net.b2)):
            layer.weight.copy_(torch.tensor(weight.T))
            layer.bias.copy_(torch.tensor(bias))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(torch.tensor(x)), torch.tensor(y))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    weights = [first.weight.T, first.bias, second.weight.T, second.bias]
    return {
        "losses": losses,
        "weights": [float(w) for array in weights for w in array.detach().numpy().ravel()],
    }


PROGRAMS = {"S4": (32, 1), "S9": (100, 1000)}  # samples and steps


def stored(program: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = json.loads(STORED.read_text("utf-8"))[program]
    return found


@pytest.mark.parametrize("program", PROGRAMS)
def test_stored_values_are_pytorchs(program: str) -> None:
    live = by_pytorch(*PROGRAMS[program])
    if os.environ.get("SYMDIFF_TORCH") == "write":
        kept = json.loads(STORED.read_text("utf-8")) if STORED.exists() else {}
        STORED.write_text(json.dumps(kept | {program: live}, indent=0) + "\n", "utf-8")
    for name, numbers in stored(program).items():
        np.testing.assert_allclose(live[name], numbers, rtol=SAME_CURVE, atol=1e-12)


@pytest.mark.parametrize("program", PROGRAMS)
def test_training_is_pytorchs(program: str) -> None:
    samples, steps = PROGRAMS[program]
    net, losses = network["train"](*data(samples), steps=steps)
    assert len(losses) == steps
    np.testing.assert_allclose(losses, stored(program)["losses"], rtol=SAME_CURVE)
    np.testing.assert_allclose(flat(net), stored(program)["weights"], rtol=SAME_CURVE, atol=1e-12)


def test_the_emitted_module_trains_the_same() -> None:
    """The file alone, for every number of samples, without symdiff."""

    def loss(W1, b1, W2, b2, X, y):
        hidden = np.maximum(X @ W1 + b1, 0.0)
        return np.mean((hidden @ W2 + b2 - y) ** 2)

    shapes = {"W1": (10, 20), "b1": 20, "W2": (20, 1), "b2": 1, "X": ("N", 10), "y": ("N", 1)}
    module = sd.function(loss, shapes=shapes).grad(NAMES).load()
    for program, (samples, steps) in PROGRAMS.items():
        net, x, y = data(samples)
        weights, losses = [getattr(net, name) for name in NAMES], []
        for _ in range(steps):
            value, bars = module.value_and_grad(*weights, x, y)
            losses.append(value)
            weights = [w - 0.01 * bar for w, bar in zip(weights, bars, strict=True)]
        np.testing.assert_allclose(losses, stored(program)["losses"], rtol=SAME_CURVE)


def test_the_network_as_a_program_with_arrays() -> None:
    text = (
        "W1: [10, 20]; b1: [20]; W2: [20, 1]; b2: [1]; X: [N, 10]; y: [N, 1]\n"
        "hidden = maximum(X @ W1 + b1, 0)\n"
        "loss = mean((hidden @ W2 + b2 - y)**2)"
    )
    value_and_grad = sd.function(text).value_and_grad(NAMES)
    net, x, y = data(32)
    weights = [getattr(net, name) for name in NAMES]
    value, bars = value_and_grad(*weights, x, y)
    assert value == pytest.approx(stored("S4")["losses"][0], rel=1e-12)
    stepped = [w - 0.01 * bar for w, bar in zip(weights, bars, strict=True)]
    after = np.concatenate([w.ravel() for w in stepped])
    np.testing.assert_allclose(after, stored("S4")["weights"], rtol=1e-12, atol=1e-14)
