"""The log likelihood of measurements by Kalman's filter."""

import numpy as np


def kalman_filter(F, H, Q, R, x, P, measurements):
    likelihood = 0.0
    for z in measurements:
        x = F @ x
        P = F @ P @ F.T + Q
        innovation = z - H @ x
        S = H @ P @ H.T + R
        K = P @ H.T @ np.linalg.inv(S)
        x = x + K @ innovation
        P = P - K @ H @ P
        likelihood -= 0.5 * (
            innovation @ np.linalg.solve(S, innovation) + np.log(np.linalg.det(2 * np.pi * S))
        )
    return likelihood


EXAMPLES = [
    dict(
        F=np.array([[1.0, 0.5], [0.0, 1.0]]),
        H=np.array([[1.0, 0.0]]),
        Q=0.1 * np.eye(2),
        R=np.array([[0.5]]),
        x=np.zeros(2),
        P=np.eye(2),
        measurements=np.array([[0.1], [0.7], [0.9], [1.8], [2.2]]),
    )
]
