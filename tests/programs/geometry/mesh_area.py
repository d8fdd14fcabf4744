"""The area and the volume of a mesh of triangles."""

import numpy as np

TRIANGLES = [(0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2)]


def mesh_area(vertices):
    area, volume = 0.0, 0.0
    for i, j, k in TRIANGLES:
        a, b, c = vertices[i], vertices[j], vertices[k]
        area += 0.5 * np.linalg.norm(np.cross(b - a, c - a))
        volume += np.dot(a, np.cross(b, c)) / 6
    return area, volume


EXAMPLES = [
    dict(vertices=np.array([[0.0, 0.1, 0.0], [1.0, 0.0, 0.2], [0.1, 1.1, 0.0], [0.2, 0.1, 0.9]]))
]
