"""A hand that is bent to points: where its skin is, by the angles of its joints.

The hand is drawn at random, with as many bones and vertices as ADBench's.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np  # noqa: TID253  the objective needs it

from benchmarks.adbench.problem import JACOBIAN, Objective, Problem

_FINGERS, _VERTICES = 5, 544
# the wrist and its root; of each finger four bones, the last without a joint
_PARENTS = [-1, 0, *[0 if k % 4 == 0 else 1 + k for k in range(4 * _FINGERS)]]
_BONES = len(_PARENTS)


def _matrix(xp: Any, rows: Any) -> Any:
    return xp.stack([xp.stack(row) for row in rows])


def _turn(xp: Any, x: Any, z: Any, y: Any, one: Any) -> Any:
    """The matrix of turns about three axes, with room for a shift."""
    zero = 0.0 * one
    cx, sx, cy, sy, cz, sz = (f(a) for a in (x, y, z) for f in (xp.cos, xp.sin))
    about_x = _matrix(xp, [[one, zero, zero], [zero, cx, -sx], [zero, sx, cx]])
    about_y = _matrix(xp, [[cy, zero, -sy], [zero, one, zero], [sy, zero, cy]])
    about_z = _matrix(xp, [[cz, -sz, zero], [sz, cz, zero], [zero, zero, one]])
    return about_z @ about_y @ about_x


def _turn_about(xp: Any, axis: Any, one: Any) -> Any:
    """The matrix of a turn by an angle about an axis, both in one vector."""
    angle = xp.sqrt(xp.sum(axis * axis))
    x, y, z = (axis[k] / angle for k in range(3))
    s, c = xp.sin(angle), xp.cos(angle)
    d = one - c
    return _matrix(
        xp,
        [
            [x * x * d + c, x * y * d - z * s, x * z * d + y * s],
            [x * y * d + z * s, y * y * d + c, y * z * d - x * s],
            [x * z * d - y * s, z * y * d + x * s, z * z * d + c],
        ],
    )


def _angles(theta: Any, zero: Any) -> list[Any]:
    """Of each bone three angles; a finger's first joint has two, the next ones have one."""
    angles = [(zero, zero, zero)] * 2
    for finger in range(_FINGERS):
        a, b, c, d = (theta[6 + 4 * finger + k] for k in range(4))
        angles += [(a, b, zero), (c, zero, zero), (d, zero, zero), (zero, zero, zero)]
    return angles


def _placed(model: tuple[Any, Any], xp: Any) -> Objective:
    """Where the vertices of the skin are."""
    bases, shifts_of = map(xp.asarray, model)

    def placed(theta: Any, skin: Any, weights: Any) -> Any:
        one = 0.0 * theta[0] + 1.0
        turns, shifts = [], []
        for bone, angles in enumerate(_angles(theta, 0.0 * one)):
            base, shift = bases[bone], shifts_of[bone]
            turn = base @ _turn(xp, *angles, one)
            if (parent := _PARENTS[bone]) >= 0:
                shift = turns[parent] @ shift + shifts[parent]
                turn = turns[parent] @ turn
            turns.append(turn)
            shifts.append(shift + 0.0 * one)
        turned = skin @ xp.swapaxes(xp.stack(turns), 1, 2)  # by bone and vertex
        moved = turned + xp.stack(shifts)[:, None, :]
        bent = xp.sum(weights[:, :, None] * moved, 0)
        return bent @ (_turn_about(xp, theta[:3], one).T) + theta[3:6]

    return placed


def _simple(model: tuple[Any, Any], nearest: Any, xp: Any) -> Objective:
    """Each point lies at a vertex."""
    placed = _placed(model, xp)

    def objective(theta: Any, skin: Any, weights: Any, points: Any) -> Any:
        return xp.reshape(points - placed(theta, skin, weights)[nearest], (-1,))

    return objective


def _complicated(model: tuple[Any, Any], corners: Any, xp: Any) -> Objective:
    """Each point lies in a triangle; behind the angles come shifts of all places in triangles.

    So the last two columns hold the derivative of each residual by its own point's place.
    """
    placed = _placed(model, xp)

    def objective(theta: Any, skin: Any, weights: Any, points: Any, places: Any) -> Any:
        vertices = placed(theta, skin, weights)
        first, second, third = (vertices[corner] for corner in corners)
        u, v = places[:, :1] + theta[-2], places[:, 1:] + theta[-1]
        return xp.reshape(points - u * first - v * second - (1.0 - u - v) * third, (-1,))

    return objective


def hand(points: int, *, is_complicated: bool = False) -> Problem:
    """Residuals of points by 26 angles and shifts, and by their places in triangles."""
    random = np.random.default_rng(0)
    turns = np.linalg.qr(random.normal(size=(_BONES, 3, 3)))[0]
    model = turns, random.normal(size=(_BONES, 3))
    corners = random.integers(0, _VERTICES, (3, points))
    weights = random.uniform(size=(_BONES, _VERTICES)) ** 8
    given = [
        random.normal(0.0, 0.3, 6 + 4 * _FINGERS),
        random.normal(size=(_BONES, _VERTICES, 3)),
        weights / weights.sum(0),
        random.normal(size=(points, 3)),
    ]
    objective, title = partial(_simple, model, corners[0]), "HAND simple, 26 parameters"
    if is_complicated:
        given[0] = np.append(given[0], [0.0, 0.0])
        given.append(random.uniform(0.0, 0.5, (points, 2)))
        objective = partial(_complicated, model, corners)
        title = "HAND complicated, 26 parameters and 2 of each point"
    return Problem(f"{title}, {points:,} points", JACOBIAN, objective, lambda: given, wrt=1)
