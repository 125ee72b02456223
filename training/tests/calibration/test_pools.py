"""Pools of easy and hard rows, and learned exits."""

import numpy as np
import pytest

from training.calibration.cascade import Exits, Plan
from training.calibration.learned_exit import exit_features, fit_learned_exit
from training.calibration.logistic import predict_logistic
from training.calibration.pools import fit_pools, pool_costs, pool_exits, pools_by_dynamics, pools_by_exits


def test_features_by_hand() -> None:
    probabilities = np.array([[[0.8, 0.2], [0.3, 0.7], [0.1, 0.9]]])
    expected = [
        [np.log(4), 0.6, 0, 1 / 3, 0],
        [np.log(7 / 3), 0.4, 0, 1 / 3, np.log(4)],
        [np.log(9), 0.8, 1, 2 / 3, np.log(7 / 3)],
    ]
    np.testing.assert_allclose(exit_features(probabilities)[0], expected)


def test_learned_exit_ranks_right_above_wrong() -> None:
    random = np.random.default_rng(0)
    top = random.uniform(0.5, 1, (500, 3))
    features = exit_features(np.stack([top, 1 - top], axis=2))
    correct = random.random((500, 3)) < top
    weights = fit_learned_exit(features, correct)
    scores = np.stack([predict_logistic(features[:, layer], row) for layer, row in enumerate(weights)], axis=1)
    assert scores[correct].mean() > scores[~correct].mean() + 0.05
    assert scores.mean() == pytest.approx(correct.mean(), abs=0.02)


def test_pools_are_the_first_tier_that_is_right() -> None:
    correct = np.zeros((3, 12), bool)
    correct[0, 3] = correct[1, 7] = True
    pool = pools_by_exits(Exits(np.full((3, 12), 0.9), correct), Plan(4, 8))
    assert pool.tolist() == [0, 1, 2]
    pools = fit_pools(np.eye(3), pool)
    assert pool_exits(pools.distances(np.eye(3)), Plan(4, 8), 12).tolist() == [4, 8, 12]
    assert pool_costs(np.array([4, 8, 12]), Plan(4, 8)).tolist() == [4, 10, 17]


def test_dynamics_tell_easy_ambiguous_and_hard_apart() -> None:
    confidence = np.array([[0.9, 0.1, 0.2, 0.9, 0.1, 0.3], [0.9, 0.9, 0.2, 0.9, 0.8, 0.3]])
    assert pools_by_dynamics(confidence).tolist() == [0, 1, 2, 0, 1, 2]
