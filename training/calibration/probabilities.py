"""Calibrated probabilities: temperatures by likelihood, and how well confidence tells right from wrong."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

_TEMPERATURE_RANGE = (0.05, 20.0)
_GOLDEN = (5**0.5 - 1) / 2


def softmax(logits: np.ndarray, temperature: float | np.ndarray = 1.0) -> np.ndarray:
    """Return the softmax of logits / temperature over the last axis, in float64."""
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def negative_log_likelihood(logits: np.ndarray, gold: np.ndarray, temperature: float) -> float:
    """Return the mean of −ln p(gold); logits [rows, classes], gold [rows] label ids."""
    chosen = softmax(logits, temperature)[np.arange(len(gold)), gold]
    return float(-np.log(np.maximum(chosen, np.finfo(np.float64).tiny)).mean())


def fit_temperature(logits: np.ndarray, gold: np.ndarray) -> float:
    """Return the temperature within 0.05…20 that minimises the negative log-likelihood (Guo et al., 1706.04599).

    Golden-section search over ln T: the likelihood is concave in 1/T, so it has one maximum in ln T too.
    """
    low, high = np.log(_TEMPERATURE_RANGE)
    while high - low > 1e-4:
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        losses = [negative_log_likelihood(logits, gold, float(np.exp(point))) for point in (left, right)]
        if losses[0] <= losses[1]:
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


@dataclass(frozen=True)
class CalibrationError:
    """How far confidence is from accuracy over all rows of an exit, as shares.

    `plain`: the ECE (Guo et al., 1706.04599), |accuracy − confidence| over equal-width bins, by rows. It is above 0 for
    a perfectly calibrated model too, since few rows of a bin are right a little more or less often than they should be:
    by `of_perfect` on the mean. `debiased`: less what that adds (Kumar et al., 1909.10155), 0 at least. `signed`: mean
    confidence less accuracy; above 0 where the exit is over-confident.
    """

    plain: float
    debiased: float
    of_perfect: float
    signed: float


def calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> CalibrationError:
    """Measure one exit: `confidence` [rows] from 0 to 1, `correct` [rows] bool."""
    index = np.minimum((confidence * bins).astype(int), bins - 1)

    def by_bin(values: np.ndarray) -> np.ndarray:
        return np.bincount(index, weights=values, minlength=bins)

    rows, gap = len(confidence), np.abs(by_bin(correct - confidence))
    counts = np.maximum(by_bin(np.ones(rows)), 1)
    right = by_bin(correct.astype(float))
    # What is right of a bin's rows scatters about as a normal distribution does.
    spread = np.sqrt(right * (1 - right / counts))
    ratio = np.divide(gap, spread, out=np.full(bins, np.inf), where=spread > 0)
    folded = np.where(
        spread > 0, spread * np.sqrt(2 / np.pi) * np.exp(-(ratio**2) / 2) + gap * (1 - 2 * norm.cdf(-ratio)), gap
    )
    perfect = np.sqrt(2 / np.pi * by_bin(confidence * (1 - confidence)))
    return CalibrationError(
        float(gap.sum() / rows),
        float(max((2 * gap - folded).sum(), 0) / rows),
        float(perfect.sum() / rows),
        float((confidence - correct).mean()),
    )


def auroc(scores: np.ndarray, positive: np.ndarray) -> float | None:
    """Return how often a positive row scores above a negative one (ties count half); None where there is one kind.

    `scores` [rows], `positive` [rows] bool.
    """
    return float(roc_auc_score(positive, scores)) if len(np.unique(positive)) == 2 else None
