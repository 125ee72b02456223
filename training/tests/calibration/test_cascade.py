"""Where rows leave a cascade."""

import numpy as np

from training.calibration.cascade import COSTS, exit_layers, first_reaching
from training.tests.calibration.shared import PLAN


def test_rows_leave_at_the_first_confident_layer_of_a_tier() -> None:
    confidence = np.full((4, 12), 0.6)
    confidence[0, 2] = confidence[1, 5] = 0.9
    confidence[2, 10] = 1.0
    confidence[3, [1, 3]] = 0.9
    layers = exit_layers(confidence, [0.9] * 8)
    assert layers.tolist() == [3, 6, 12, 2]
    assert COSTS.of_exits(layers, PLAN).tolist() == [3, 8, 17, 2]
    assert COSTS.all_cloud(12) == 17


def test_a_threshold_of_one_is_never_reached() -> None:
    found = first_reaching(np.array([[0.5, 1.0]]), np.array([[1.0, 1.0], [0.995, 0.995], [0.5, 0.5], [0.6, 1.0]]))
    assert found.tolist() == [[0], [2], [1], [0]]
