"""Tables of pairs against a count of every pair."""

import numpy as np
import pytest

from training.calibration.cascade import COSTS, Plan, exit_layers
from training.calibration.pair_tables import pair_means


def test_every_pair_is_what_its_rows_give() -> None:
    random = np.random.default_rng(5)
    confidence, values = random.uniform(0.5, 1, (40, 6)), random.normal(size=(2, 40, 6))
    values[:, :, -1] = 0
    levels = np.sort(random.uniform(0.5, 1, (5, 6)), axis=0)[::-1]
    levels[0] = 1
    plans = [Plan(1, 2), Plan(1, 5), Plan(3, 4)]
    cost, means = pair_means(confidence, values, levels, plans)
    assert cost.shape == (3, 5, 5) and means.shape == (2, 3, 5, 5)
    for place, plan in enumerate(plans):
        for mobile in range(5):
            for edge in range(5):
                m, n = plan.mobile_layers, plan.edge_layers
                exits = exit_layers(confidence, [*levels[mobile, :m], *levels[edge, m:n]])
                assert cost[place, mobile, edge] == pytest.approx(COSTS.of_exits(exits, plan).mean())
                at_exits = values[:, np.arange(40), exits - 1].mean(axis=1)
                assert means[:, place, mobile, edge] == pytest.approx(at_exits)
