"""Losses over rows: some that are separable, and some that are not, with why."""

from __future__ import annotations

import dataclasses

import numpy as np

RNG = np.random.default_rng(7)
ROWS = 103
X = RNG.standard_normal((ROWS, 4))
Y = np.sign(RNG.standard_normal(ROWS))
S = RNG.random(ROWS) + 0.1
W = RNG.standard_normal(4)
LABELS = RNG.integers(0, 3, ROWS)


@dataclasses.dataclass
class Layer:
    W: np.ndarray
    b: np.ndarray


def total(w, X, y):
    return np.sum((X @ w - y) ** 2)


def logistic(w, X, y):
    return np.mean(np.logaddexp(0.0, -y * (X @ w))) + 0.1 * np.sum(w**2)


def margins(w, X, y):
    return -y * (X @ w)


def weighted(w, X, y, s):
    return np.average((X @ w - y) ** 2, weights=s)


def two_sums(w, X, y):
    return np.log(np.sum(np.exp(0.3 * X @ w))) + np.sqrt(np.mean((X @ w - y) ** 2))


def moments(w, X):
    scores = X @ w
    return np.mean(scores**2) - np.mean(scores) ** 2  # the variance, by two sums


def gram(w, X):
    return np.log(np.linalg.det(X.T @ (X * np.exp(X @ w)[:, None])))


def network(layer, v, X, y):
    return np.mean((np.tanh(X @ layer.W + layer.b) @ v - y) ** 2)


def softmax(w, X, y):
    scores = np.stack([X @ w, X @ w[::-1], X[:, 0] * w[1]], axis=1)
    scores = scores - np.max(scores, axis=1, keepdims=True)
    return -np.mean(scores[:, 1] - np.log(np.sum(np.exp(scores), axis=1))) + np.sum(y * (X @ w))


def branched(w, X, y):
    r = X @ w - y
    return np.mean(np.where(np.abs(r) < 1.0, 0.5 * r**2, np.abs(r) - 0.5))


def of_hits(w, X, y):
    return np.sum(np.where(y > 0, (X @ w) ** 2, 0.0)) / np.sum(y > 0)


def classes(W, X, labels):
    scores = X @ W
    scores = scores - np.max(scores, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(scores), axis=1)) - scores[np.arange(len(X)), labels])


def taken(W, X, labels):
    return np.mean(np.take_along_axis(X @ W, labels[:, None], axis=1) ** 2)


def embedded(E, v, labels):
    return np.mean(np.tanh(E[labels] @ v))


def degrees_of_freedom(w, X, y):
    return np.sum((X @ w - y) ** 2) / (len(X) - 1) + np.sum(w) / (2 * len(X)) ** 2


def columns(w, X):
    return np.sum(X[:, np.array([0, 2])] @ w[:2] * X[:, 1:3].T[0])


SEPARABLE = {
    "total": (total, (W, X, Y)),
    "logistic": (logistic, (W, X, Y)),
    "weighted": (weighted, (W, X, Y, S)),
    "two sums": (two_sums, (W, X, Y)),
    "moments": (moments, (W, X)),
    "gram": (gram, (0.1 * W, X)),
    "network": (network, (Layer(RNG.standard_normal((4, 2)), np.ones(2)), np.ones(2), X, Y)),
    "softmax": (softmax, (W, X, Y)),
    "branched": (branched, (W, X, Y)),
    "of hits": (of_hits, (W, X, Y)),
    "classes": (classes, (RNG.standard_normal((4, 3)), X, LABELS)),
    "taken": (taken, (RNG.standard_normal((4, 3)), X, LABELS)),
    "embedded": (embedded, (RNG.standard_normal((3, 2)), np.ones(2), LABELS)),
    "degrees of freedom": (degrees_of_freedom, (W, X, Y)),
    "columns": (columns, (W, X)),
}


def centred(w, X):
    return np.sum((X - X.mean(axis=0)) @ w)


def largest(w, X):
    return np.max(X @ w)


def quantile(w, X):
    return np.sum(np.sort(X @ w) * w[0])


def length(w, X):
    return np.linalg.norm(X @ w)


def differences(w, X):
    return np.sum((X[1:] - X[:-1]) @ w)


def pairs(w, X):
    return np.sum(X @ X.T) * w[0]


def running(w, X):
    return np.sum(np.cumsum(X @ w))


def numbered(w, X):
    return np.sum(np.arange(len(X)) * (X @ w))


def each(w, X):
    return X @ w


def nothing(w, X):
    return np.sum(w)


def first(w, X):
    return (X @ w)[0]


def reshaped(w, X):
    return np.sum(np.reshape(X.T, X.shape) @ w)


def reversed_rows(w, X):
    return np.sum((X[::-1] * X) @ w)


def stepped(w, X):
    state = 0.0
    for row in X:
        state = 0.5 * state + row @ w
    return state


def checked(w, X):
    if np.sum(X @ w) > 1e9:
        raise ValueError("too large")
    return np.sum(X @ w)


def looped(w, X):
    total = 0.0
    for i in range(len(X)):
        total = total + w[0] * 0.5**i
    return total * np.sum(X @ w)


def shuffled(w, X):
    return np.sum(X[np.argsort(X[:, 0])][:, 0] * (X @ w))


def shifted(w, X):
    return np.sum(X[np.arange(len(X)) - 1] @ w)


REFUSED = {
    looped: "so the loss is not separable",
    shuffled: "couples rows",
    shifted: "tells the rows apart by their numbers",
    centred: "batch statistic",
    largest: "'max' couples rows",
    quantile: "'sort' couples rows",
    length: "'norm' couples rows",
    differences: "an index has pairs, parts or other numbers of rows",
    pairs: "a product has pairs, parts or other numbers of rows",
    running: "'cumsum' couples rows",
    numbered: "tells the rows apart by their numbers",
    each: "an array with a number for each row",
    nothing: "no sum over the rows",
    first: "an index couples rows",
    reshaped: "'reshape' couples rows",
    reversed_rows: "an index couples rows",
    stepped: "a loop counts the rows of a chunk, so the loss is not separable",
    checked: "raises an error",
}
