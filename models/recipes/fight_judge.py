"""The judgement on features: logistic regression with a strong penalty, learned on standardised features and given back for plain ones."""

from dataclasses import dataclass

import numpy as np
import scipy.optimize
import scipy.special

from detection import thresholds

PENALTY = 300.0
"""Of the squared weights, against the log loss summed over clips. 300, 1000 and 3000 were tried by grouped cross-validation."""
SHIFT = 0.25
"""Added to the logit so that 0.5 is the operating point: held-out clips are scored best with 0.4; people who walk on the sample clip vtest are silent with 0.28 and less."""


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """A weight for each feature as it comes, and a bias."""

    weight: np.ndarray
    bias: float

    def score(self, features: np.ndarray) -> np.ndarray:
        """Return the probability of a fight for each row: float (n,)."""
        return np.asarray(scipy.special.expit(features @ self.weight + self.bias))


def learn(features: np.ndarray, truth: np.ndarray, share: np.ndarray) -> Judge:
    """Return what tells fights from the rest.

    Args:
        features: float (n, m).
        truth: bool (n,).
        share: float (n,), what each row weighs; summed over a clip's rows it is 1.
    """
    mean = np.average(features, axis=0, weights=share)
    scale = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=share)) + 1e-6
    x = (features - mean) / scale
    sign = np.where(truth, 1.0, -1.0)

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (x @ w[:-1] + w[-1])
        pull = -share * sign * scipy.special.expit(-margin)
        value = float((share * np.logaddexp(0, -margin)).sum()) + 0.5 * PENALTY * float(w[:-1] @ w[:-1])
        return value, np.append(x.T @ pull + PENALTY * w[:-1], pull.sum())

    found = scipy.optimize.minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B").x
    weight = found[:-1] / scale
    return Judge(weight, float(found[-1] - mean @ weight) + SHIFT)


def reached(answers: np.ndarray) -> float:
    """Return the highest mean at which the trigger would raise at some moment of a clip, given its answers in order; 0 where too few agree.

    Answers of a short clip all fall within the trigger's memory; of longer clips the newest few count.
    """
    limits = thresholds.FightThresholds()
    most = max(limits.answers, round(limits.within_s / 0.4))
    best = 0.0
    for end in range(limits.answers, len(answers) + 1):
        newest = np.sort(answers[max(0, end - most) : end])
        if newest[-limits.answers] >= limits.speaking:
            best = max(best, float(newest.mean()))
    return best
