"""Bundle adjustment: how far cameras see points from where they were seen, and weights.

A camera is a turn (axis times angle), a centre, a focal length, a principal point and two numbers
of radial distortion.
"""

from __future__ import annotations

from typing import Any

import numpy as np  # noqa: TID253  the objective needs it

from benchmarks.adbench.problem import SPARSE, Objective, Problem

_CAMERA, _POINT = 11, 3  # numbers of each
_SEEN_BY = 4  # cameras, in ADBench's data about as many


def _crossed(xp: Any, a: Any, b: Any) -> Any:
    parts = [a[..., i] * b[..., j] - a[..., j] * b[..., i] for i, j in ((1, 2), (2, 0), (0, 1))]
    return xp.stack(parts, -1)


def _turned(xp: Any, turn: Any, x: Any) -> Any:
    """A point turned about an axis by O. Rodrigues' formula; without an angle to first order."""
    square = xp.sum(turn * turn, -1)[..., None]
    is_none = square == 0.0
    angle = xp.sqrt(xp.where(is_none, 1.0, square))
    axis = turn / angle
    cos = xp.cos(angle)
    along = xp.sum(axis * x, -1)[..., None] * (1.0 - cos)
    found = x * cos + _crossed(xp, axis, x) * xp.sin(angle) + axis * along
    return xp.where(is_none, x + _crossed(xp, turn, x), found)


def _residuals(xp: Any, camera: Any, point: Any, weight: Any, seen: Any) -> Any:
    """Of each observation: where the camera sees the point, less where it was seen, weighted."""
    x = _turned(xp, camera[..., 0:3], point - camera[..., 3:6])
    plane = x[..., 0:2] / x[..., 2:3]
    square = xp.sum(plane * plane, -1)[..., None]
    bent = 1.0 + camera[..., 9:10] * square + camera[..., 10:11] * square * square
    found = plane * bent * camera[..., 6:7] + camera[..., 7:9]
    return weight[..., None] * (found - seen)


class _Scene:
    """What is known: which camera sees which point, and where."""

    def __init__(self, cameras: int, points: int) -> None:
        random = np.random.default_rng(0)
        self.cameras, self.points = cameras, points
        self.point = np.repeat(np.arange(points), _SEEN_BY)
        self.camera = np.concatenate(
            [np.sort(random.permutation(cameras)[:_SEEN_BY]) for _ in range(points)]
        )
        self.count = len(self.point)
        self.seen = random.normal(size=(self.count, 2))
        turns = random.normal(0.0, 0.3, (cameras, 3))
        centres = random.normal(0.0, 0.3, (cameras, 3)) - np.array([0.0, 0.0, 5.0])
        lenses = np.concatenate(
            [
                1.0 + random.uniform(size=(cameras, 1)),
                random.normal(0.0, 0.1, (cameras, 2)),
                random.normal(0.0, 0.01, (cameras, 2)),
            ],
            axis=1,
        )
        self.given = [
            np.concatenate([turns, centres, lenses], axis=1),
            random.normal(size=(points, 3)),
            random.uniform(size=self.count),
        ]

    def arguments(self) -> list[Any]:
        return [np.concatenate([np.ravel(x) for x in self.given]), self.seen]

    def objective(self, xp: Any) -> Objective:
        to_points = self.cameras * _CAMERA
        to_weights = to_points + self.points * _POINT

        def objective(parameters: Any, seen: Any) -> Any:
            cameras = xp.reshape(parameters[:to_points], (self.cameras, _CAMERA))
            points = xp.reshape(parameters[to_points:to_weights], (self.points, _POINT))
            weights = parameters[to_weights:]
            residuals = _residuals(xp, cameras[self.camera], points[self.point], weights, seen)
            return xp.concatenate([xp.reshape(residuals, (-1,)), 1.0 - weights * weights])

        return objective

    def observation(self, xp: Any) -> Objective:
        """Two residuals of one observation by its 15 parameters."""

        def observation(parameters: Any, seen: Any) -> Any:
            camera, point = parameters[:_CAMERA], parameters[_CAMERA : _CAMERA + _POINT]
            return _residuals(xp, camera, point, parameters[-1], seen)

        return observation

    def observed(self) -> list[Any]:
        cameras, points, weights = self.given
        rows = [cameras[self.camera], points[self.point], weights[:, None]]
        return [np.concatenate(rows, axis=1), self.seen]

    def entries(self, blocks: Any, rows: Any, columns: Any) -> Any:
        """The entries at places of the whole, of the blocks of shape (observations, 2, 15)."""
        to_points = self.cameras * _CAMERA
        to_weights = to_points + self.points * _POINT
        one = np.where(
            columns < to_points,
            columns % _CAMERA,
            np.where(columns < to_weights, _CAMERA + (columns - to_points) % _POINT, -1),
        )
        is_weight = rows >= 2 * self.count
        row = np.where(is_weight, 0, rows)
        found = blocks[row // 2, row % 2, one]
        weight = self.given[2][np.where(is_weight, rows - 2 * self.count, 0)]
        return np.where(is_weight, -2.0 * weight, found)


def ba(cameras: int, points: int) -> Problem:
    """Cameras that see points, each of which four cameras see."""
    scene = _Scene(cameras, points)
    return Problem(
        f"BA, {cameras} cameras, {points:,} points, {scene.count:,} observations",
        SPARSE,
        scene.objective,
        scene.arguments,
        wrt=1,
        blocks=(scene.observation, scene.observed),
        entries=scene.entries,
    )
