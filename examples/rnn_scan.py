"""sd.scan: a recurrent network over a long sequence, whose gradient is two loops, not 2,000."""

import numpy as np

import symdiff as sd

STEPS = 1000


def loss(params, xs, targets):
    def step(hidden, x):
        hidden = np.tanh(params["W"] @ hidden + params["U"] * x)
        return hidden, params["v"] @ hidden

    _, predictions = sd.scan(step, np.zeros(3), xs)
    return np.mean((predictions - targets) ** 2)


times = 0.1 * np.arange(STEPS + 1)
series = np.sin(times) * np.cos(0.3 * times)
xs, targets = series[:-1], series[1:]
params = {
    "W": 0.4 * np.cos(np.arange(9.0)).reshape(3, 3),
    "U": np.array([0.5, -0.3, 0.2]),
    "v": np.array([0.1, 0.4, -0.2]),
}
gradient = sd.value_and_grad(loss)
for epoch in range(101):
    value, slopes = gradient(params, xs, targets)
    params = {name: array - 0.3 * slopes[name] for name, array in params.items()}
    if epoch % 50 == 0:
        print(f"epoch {epoch:3}: loss {value:.12f}")
