"""Task metrics of GLUE and their bootstrap intervals."""

from collections.abc import Callable
from functools import partial

import numpy as np
from sklearn.metrics import f1_score, matthews_corrcoef

_RESAMPLES = 1000
_SEED = 2410

# Of gold labels and predicted ones.
Metric = Callable[[np.ndarray, np.ndarray], float]


# What is reported beside accuracy, by a task's headline metric, and its name in the report.
EXTRA_METRICS: dict[str, tuple[str, Metric]] = {
    "matthews": ("matthewsCorrelation", matthews_corrcoef),
    "f1": ("f1", partial(f1_score, zero_division=0.0)),
}


def bootstrap_interval(values: np.ndarray) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean of `values` [rows], by 1,000 seeded resamples of rows."""
    random = np.random.default_rng(_SEED)
    means = [values[random.integers(0, len(values), len(values))].mean() for _ in range(_RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
