"""95 % intervals of differences on the same rows, in points."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import beta

_RESAMPLES = 20_000
_SEED = 2410
_TAILS = (0.025, 0.975)
_HALF_TAIL = _TAILS[0] / 2
# Up to so many rows that differ, a bootstrap knows too few of them to have a percentile at each end.
FEW_DIFFERENT = 50


def loss_interval(lost: np.ndarray) -> tuple[tuple[float, float], str]:
    """Return the interval of the mean of `lost` [rows], each 1, 0 or −1 points times a hundred, and how it was found.

    "exact" where at most FEW_DIFFERENT rows differ, else "bootstrap".
    """
    worse, better = int((lost > 0).sum()), int((lost < 0).sum())
    if worse + better <= FEW_DIFFERENT:
        return exact_interval(worse, better, len(lost)), "exact"
    return mean_interval([lost]), "bootstrap"


def exact_interval(worse: int, better: int, rows: int) -> tuple[float, float]:
    """Return an interval that covers at least 95 %, however few rows differ, in points.

    Clopper and Pearson's limits of the share of rows that got worse, and of the share that got better, each at 97.5 %,
    so that both hold at once (Bonferroni); the difference of the two. Wider than it need be.
    """
    (worse_low, worse_high), (better_low, better_high) = (_clopper_pearson(count, rows) for count in (worse, better))
    return 100 * (worse_low - better_high), 100 * (worse_high - better_low)


def _clopper_pearson(count: int, rows: int) -> tuple[float, float]:
    low = beta.ppf(_HALF_TAIL, count, rows - count + 1) if count else 0.0
    high = beta.ppf(1 - _HALF_TAIL, count + 1, rows - count) if count < rows else 1.0
    return float(low), float(high)


def mean_interval(tasks: Sequence[np.ndarray]) -> tuple[float, float]:
    """Return the percentile interval of the mean over tasks of the means of their rows.

    A paired bootstrap, stratified by task: rows are drawn anew within each. Rows with the same value are alike, so that
    a draw is one of counts.
    """
    random = np.random.default_rng(_SEED)
    total = np.zeros(_RESAMPLES)
    for rows in tasks:
        values, counts = np.unique(rows, return_counts=True)
        total += random.multinomial(len(rows), counts / len(rows), _RESAMPLES) @ values / len(rows)
    low, high = np.quantile(total / len(tasks), _TAILS)
    return float(low), float(high)
