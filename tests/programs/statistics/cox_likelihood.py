"""The partial likelihood of Cox, over those that are still at risk."""

import numpy as np


def cox_likelihood(beta, covariates, died):
    # sorted by time
    loss = 0.0
    for i in range(len(covariates)):
        if not died[i]:
            continue
        risk = 0.0
        for j in range(i, len(covariates)):
            risk += np.exp(covariates[j] @ beta)
        loss += covariates[i] @ beta - np.log(risk)
    return -loss


rng = np.random.default_rng(12)
EXAMPLES = [
    dict(
        beta=np.array([0.5, -0.3]),
        covariates=rng.normal(size=(5, 2)),
        died=np.array([1, 0, 1, 1, 0]),
    )
]
