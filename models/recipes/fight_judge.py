"""The judgement on features: logistic regression with a penalty, learned on standardised features and given back for plain ones."""

from dataclasses import dataclass

import numpy as np
import scipy.optimize
import scipy.special

PENALTY = 200.0
"""Of the squared weights, against the log loss summed over clips."""
SHIFT = 0.0
"""Added to the logit: the operating point is where the regression itself says that a fight is as likely as not."""
_MOST_STEPS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """A weight for each feature as it comes, and a bias."""

    weight: np.ndarray
    bias: float

    def score(self, features: np.ndarray, shift: float = 0.0) -> np.ndarray:
        """Return the probability of a fight for each row: float (n,)."""
        return np.asarray(scipy.special.expit(features @ self.weight + self.bias + shift))


def learn(features: np.ndarray, truth: np.ndarray, share: np.ndarray, penalty: float = PENALTY) -> Judge:
    """Return what tells fights from the rest.

    Args:
        features: float (n, m).
        truth: bool (n,).
        share: float (n,), what each row weighs; summed over a clip's rows it is 1.
        penalty: of the squared weights of standardised features.
    """
    mean = np.average(features, axis=0, weights=share)
    scale = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=share)) + 1e-6
    x = np.asarray((features - mean) / scale, np.float32)
    sign, weights = np.where(truth, 1.0, -1.0).astype(np.float32), np.asarray(share, np.float32)

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        single = w.astype(np.float32)
        margin = sign * (x @ single[:-1] + single[-1])
        pull = -weights * sign * scipy.special.expit(-margin)
        value = float((weights * np.logaddexp(0, -margin)).sum()) + 0.5 * penalty * float(w[:-1] @ w[:-1])
        return value, np.append(x.T @ pull + penalty * w[:-1], pull.sum())

    start = np.zeros(x.shape[1] + 1)
    limits = {"maxiter": _MOST_STEPS, "ftol": 1e-7}
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options=limits).x
    weight = found[:-1] / scale
    return Judge(np.asarray(weight, np.float32), float(found[-1] - mean @ weight) + SHIFT)
