"""Plans and thresholds chosen for one task."""

import numpy as np
import pytest

from training.calibration.cascade import COSTS, Exits
from training.calibration.expected_losses import expected_losses
from training.calibration.thresholds import (
    OperatingPoint,
    choose_points,
    measure,
)
from training.tests.calibration.shared import PLAN, simulated


def test_chosen_points_keep_their_loss_on_other_rows() -> None:
    few, many = simulated(400, seed=2), simulated(20000, seed=3)
    strict, loose = choose_points(few, PLAN, [0.3, 1.0])
    assert measure(strict.point, many).loss_points < 1.3
    assert loose.chosen_on.mean_cost <= strict.chosen_on.mean_cost < COSTS.all_cloud(12)
    assert strict.predicted.mean_cost == pytest.approx(measure(strict.point, many).mean_cost, rel=0.1)


def test_thresholds_are_the_cheapest_within_the_loss_by_brute_force() -> None:
    exits = simulated(150, seed=4)
    (choice,) = choose_points(exits, PLAN, [0.5])
    losses = expected_losses(exits, exits.confidence)
    rows = np.arange(150)
    for mobile in np.arange(0.6, 1.0, 0.05).round(3):
        for edge in np.arange(0.6, 1.0, 0.05).round(3):
            point = OperatingPoint.of_tiers(PLAN, float(mobile), float(edge))
            lost = losses[rows, point.exits(exits.confidence) - 1].mean() * 100
            assert lost > 0.5 or measure(point, exits).mean_cost >= choice.chosen_on.mean_cost - 1e-9


def test_where_early_exits_only_lose_all_goes_to_the_cloud() -> None:
    random = np.random.default_rng(5)
    correct = np.zeros((200, 12), bool)
    correct[:, -1] = True
    (choice,) = choose_points(Exits(random.uniform(0.5, 1, (200, 12)), correct), PLAN, [0.0])
    assert choice.chosen_on.mean_cost == COSTS.all_cloud(12) and choice.chosen_on.loss_points == 0
