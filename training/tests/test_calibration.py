"""Temperatures, thresholds and the command that stores them."""

from pathlib import Path

import numpy as np
import pytest

from training.calibrate import calibrate, calibration_split
from training.calibration import Plan, choose_thresholds, exit_costs, exit_layers, fit_temperature, softmax
from training.manifest import read_manifest
from training.tasks import TASKS, Row


def test_temperature_of_overconfident_logits_is_found() -> None:
    random = np.random.default_rng(0)
    honest = random.normal(size=(20000, 3)) * 2
    probabilities = softmax(honest)
    gold = np.array([random.choice(3, p=row) for row in probabilities])
    assert fit_temperature(honest * 2.5, gold) == pytest.approx(2.5, rel=0.05)


def test_temperature_stays_in_range_when_all_is_right() -> None:
    assert fit_temperature(np.array([[0.0, 9.0], [9.0, 0.0]]), np.array([1, 0])) == pytest.approx(0.05, rel=0.01)


def test_rows_leave_at_the_first_confident_layer_of_a_tier() -> None:
    confidence = np.full((4, 12), 0.6)
    confidence[0, 2] = confidence[1, 5] = 0.9
    confidence[2, 10] = 1.0
    confidence[3, [1, 3]] = 0.9
    layers = exit_layers(confidence, Plan(), mobile=0.9, edge=0.9)
    assert layers.tolist() == [3, 6, 12, 2]
    assert exit_costs(layers, Plan()).tolist() == [3, 8, 17, 2]


def test_thresholds_are_the_cheapest_within_the_loss() -> None:
    """Layer 1 is right when at least 0.8 sure, so 0.8 on the mobile tier loses nothing and costs least."""
    first = np.linspace(0.5, 1.0, 101)
    gold = np.zeros(101, int)
    probabilities = np.zeros((101, 12, 2))
    probabilities[:, :, 0] = 0.5 + 1e-9
    probabilities[:, 0, 0] = np.where(first >= 0.8 - 1e-9, first, 1 - first)
    probabilities[:, -1, 0] = 0.99
    probabilities[:, 1:8, 0] = 0.4
    probabilities[:, :, 1] = 1 - probabilities[:, :, 0]
    chosen = choose_thresholds(probabilities, gold, Plan(), largest_loss=0.003)
    assert chosen.mobile == pytest.approx(0.8) and chosen.edge > 0.6
    assert chosen.accuracy == 1.0
    assert chosen.mean_cost == pytest.approx((41 * 1 + 60 * 17) / 101)


def test_split_is_seeded_and_without_repeats() -> None:
    rows = [Row((str(index),), 0) for index in range(50)]
    split = calibration_split(rows, 20)
    assert split == calibration_split(rows, 20) and len(set(split)) == 20
    assert len(calibration_split(rows, 99)) == 50


def test_command_changes_only_its_own_fields(model: Path, glue: Path) -> None:
    before = read_manifest(model)
    calibrate(model, glue, list(TASKS), size=30, batch_size=8, threads=1)
    after = read_manifest(model)
    assert list(after) == list(before) and list(after["tasks"]["sst2"]) == list(before["tasks"]["sst2"])
    assert len(after["tasks"]["mnli"]["temperatures"]) == after["layers"]
    assert after["tasks"]["mnli"]["temperatures"] != before["tasks"]["mnli"]["temperatures"]
    assert "Optimistic" in after["provenance"]["calibration"]
    for task in after["tasks"].values():
        assert 0 < task["thresholds"]["mobile"] <= 1 and 0 < task["thresholds"]["edge"] <= 1
        for field in ("temperatures", "thresholds"):
            task.pop(field)
    for task in before["tasks"].values():
        for field in ("temperatures", "thresholds"):
            task.pop(field)
    assert after["tasks"] == before["tasks"] and after["hash"] == before["hash"]
