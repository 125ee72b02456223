"""Task metrics of GLUE and their bootstrap intervals."""

from collections.abc import Callable

import numpy as np

_RESAMPLES = 1000
_SEED = 2410

Metric = Callable[[np.ndarray, np.ndarray], float]


def matthews_correlation(predicted: np.ndarray, gold: np.ndarray) -> float:
    """Return Matthews' correlation of two classes, −1 to 1; 0 where either holds one class only."""
    right, wrong = predicted == gold, predicted != gold
    positive = predicted == 1
    true_positive, false_positive = float((right & positive).sum()), float((wrong & positive).sum())
    true_negative, false_negative = float((right & ~positive).sum()), float((wrong & ~positive).sum())
    scale = np.sqrt(true_positive + false_positive) * np.sqrt(true_positive + false_negative)
    scale *= np.sqrt(true_negative + false_positive) * np.sqrt(true_negative + false_negative)
    return float((true_positive * true_negative - false_positive * false_negative) / scale) if scale else 0.0


def f1(predicted: np.ndarray, gold: np.ndarray) -> float:
    """Return the F1 score of class 1, 0 to 1; 0 where it is never right."""
    hits = float(((predicted == 1) & (gold == 1)).sum())
    return 2 * hits / float((predicted == 1).sum() + (gold == 1).sum()) if hits else 0.0


# The metrics that GLUE adds to accuracy, by task.
EXTRA_METRICS: dict[str, tuple[str, Metric]] = {
    "cola": ("matthewsCorrelation", matthews_correlation),
    "mrpc": ("f1", f1),
    "qqp": ("f1", f1),
}


def bootstrap_interval(values: np.ndarray) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean of `values` [rows], by 1,000 seeded resamples of rows."""
    random = np.random.default_rng(_SEED)
    means = [values[random.integers(0, len(values), len(values))].mean() for _ in range(_RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
