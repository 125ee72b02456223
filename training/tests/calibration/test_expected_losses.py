"""What leaving at an exit is expected to lose."""

import numpy as np
import pytest

from training.calibration.expected_losses import PooledLosses, expected_losses
from training.calibration.logistic import fit_logistic, predict_logistic
from training.tests.calibration.shared import simulated


def test_logistic_regression_finds_the_weights() -> None:
    random = np.random.default_rng(0)
    features = random.normal(size=(20000, 2))
    target = random.random(20000) < predict_logistic(features, np.array([1.5, -0.7, 0.3]))
    np.testing.assert_allclose(fit_logistic(features, target), [1.5, -0.7, 0.3], atol=0.07)


def test_expected_losses_are_what_is_lost_on_average() -> None:
    exits = simulated(20000, seed=1)
    losses = expected_losses(exits, exits.confidence)
    counted = exits.correct[:, -1].mean() - exits.correct.mean(axis=0)
    np.testing.assert_allclose(losses.mean(axis=0), counted, atol=0.005)
    sure = exits.confidence[:, 5] > np.median(exits.confidence[:, 5])
    for half in (sure, ~sure):
        counted_there = exits.correct[half, -1].mean() - exits.correct[half, 5].mean()
        assert losses[half, 5].mean() == pytest.approx(counted_there, abs=0.015)


def test_pooled_losses_are_what_is_lost_on_average_too() -> None:
    many, few = simulated(20000, seed=1), simulated(100, seed=2)
    losses = PooledLosses({"many": many, "few": few})
    expected = losses.of("many", many.confidence)
    counted = many.correct[:, -1].mean() - many.correct.mean(axis=0)
    np.testing.assert_allclose(expected.mean(axis=0), counted, atol=0.01)
    assert losses.of("few", few.confidence).shape == (100, 12) and not expected[:, -1].any()


def test_pooled_losses_follow_from_the_regressions_of_each_exit() -> None:
    tasks = {"many": simulated(3000, seed=1), "few": simulated(100, seed=2)}
    losses = PooledLosses(tasks)
    for task, exits in tasks.items():
        confidence = np.clip(exits.confidence, 0.34, 0.999)
        odds = np.log(confidence / (1 - confidence))

        def probability(named: dict[str, float], values: np.ndarray) -> np.ndarray:
            return 1 / (1 + np.exp(-(named["weight"] * values + named["bias"])))

        expected = losses.of(task, confidence)
        for layer, own in enumerate(losses.regressions(task)):
            last_is_right = probability(own["lastIsRight"], odds[:, layer])
            found = probability(own["changes"], odds[:, layer]) * (2 * last_is_right - 1)
            np.testing.assert_allclose(found, expected[:, layer], atol=1e-5)


def test_thresholds_of_pooled_losses_keep_to_their_limits() -> None:
    exits = simulated(2000, seed=3)
    losses = PooledLosses({"only": exits})
    limits = np.array([-1.0, 0.02, 0.1])
    thresholds = losses.thresholds("only", limits)
    assert thresholds.shape == (3, 12) and (thresholds[0, :-1] == 1).all() and (np.diff(thresholds, axis=0) <= 0).all()
    expected = losses.of("only", exits.confidence)
    for limit, own in zip(limits[1:], thresholds[1:], strict=True):
        leaves = exits.confidence >= own
        assert (expected[leaves] <= limit + 1e-9).all()
        just_below = np.clip(own - 0.001, 0.33, 1)
        below = losses.of("only", np.tile(just_below, (1, 1)))[0]
        assert (below[own > 0.33] > limit).all()


def test_pooled_losses_of_few_rows_are_nearer_the_truth() -> None:
    """Tasks alike: what the many rows tell helps the few, which alone are off by several points."""
    fresh = simulated(40000, seed=30)
    truth = fresh.correct[:, -1].mean() - fresh.correct.mean(axis=0)
    many = simulated(8000, seed=31)
    alone, pooled = [], []
    for seed in range(8):
        few = simulated(150, seed=seed)
        alone.append(expected_losses(few, few.confidence).mean(axis=0) - truth)
        pooled.append(PooledLosses({"many": many, "few": few}).of("few", few.confidence).mean(axis=0) - truth)
    assert np.abs(pooled).mean() < 0.8 * np.abs(alone).mean()
