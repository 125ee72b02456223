"""Calibrated probabilities: temperatures by likelihood, and how well confidence tells right from wrong."""

import numpy as np
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


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 15) -> float:
    """Return the ECE of one exit (Guo et al., 1706.04599): |accuracy − confidence| over equal-width bins, by rows.

    `confidence` [rows] from 0 to 1, `correct` [rows] bool.
    """
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(index, weights=correct - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


def auroc(scores: np.ndarray, positive: np.ndarray) -> float | None:
    """Return how often a positive row scores above a negative one (ties count half); None where there is one kind.

    `scores` [rows], `positive` [rows] bool.
    """
    return float(roc_auc_score(positive, scores)) if len(np.unique(positive)) == 2 else None
