"""The smoother of Rauch, Tung and Striebel behind a filter, with lists."""

import numpy as np


def kalman_smoother(a, q, r, y):
    means, variances, predicted = [], [], []
    m, P = 0.0, 1.0
    for value in y:
        m_pred, P_pred = a * m, a * a * P + q
        K = P_pred / (P_pred + r)
        m = m_pred + K * (value - m_pred)
        P = (1 - K) * P_pred
        means.append(m)
        variances.append(P)
        predicted.append((m_pred, P_pred))
    smooth = [means[-1]]
    for t in range(len(y) - 2, -1, -1):
        m_next, P_next = predicted[t + 1]
        C = variances[t] * a / P_next
        smooth.append(means[t] + C * (smooth[-1] - m_next))
    smooth.reverse()
    return np.sum(np.array(smooth) ** 2)


EXAMPLES = [dict(a=0.9, q=0.2, r=0.5, y=np.array([0.3, 0.8, 0.1, -0.4, 0.9]))]
