"""Pools, learned exits, metrics, comparators, and the report over a whole tiny model."""

import json
from pathlib import Path

import numpy as np
import pytest

from training.calibrate import calibrate
from training.cascade import Exits, Plan
from training.comparators import comparators
from training.learned_exit import exit_features, fit_learned_exit, learned_exit_scores
from training.metrics import bootstrap_interval, f1, matthews_correlation
from training.policy_data import DEFAULT_PLAN
from training.pools import fit_pools, pool_costs, pool_exits, pools_by_dynamics, pools_by_exits
from training.report import report
from training.tasks import TASKS
from training.trace import trace_dev


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
    scores = learned_exit_scores(features, fit_learned_exit(features, correct))
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


def test_metrics_by_hand() -> None:
    predicted, gold = np.array([1, 1, 0, 0]), np.array([1, 0, 0, 1])
    assert matthews_correlation(predicted, gold) == 0 and f1(predicted, gold) == 0.5
    assert matthews_correlation(gold, gold) == pytest.approx(1) and f1(gold, gold) == 1
    assert matthews_correlation(np.ones(4, int), gold) == 0


def test_bootstrap_interval_is_that_of_a_mean() -> None:
    values = np.arange(1000) % 2
    low, high = bootstrap_interval(values)
    assert (low, high) == (pytest.approx(0.5 - 1.96 * 0.0158, abs=0.003), pytest.approx(0.5 + 1.96 * 0.0158, abs=0.003))


def test_comparators_by_hand() -> None:
    """Two rows leaving at layers 2 and 12 of twelve; only the first is right at 2, both are at 12."""
    correct = np.zeros((2, 12), bool)
    correct[0, 1:] = True
    correct[1, 11] = True
    plan = Plan(4, 8)
    found = comparators(Exits(np.full((2, 12), 0.9), correct), np.array([2, 12]), plan, {"pools": None}, plan)
    assert list(found) == ["allMobile", "fixedExit", "randomExit", "oracle"]
    assert (found["allMobile"].cost, found["allMobile"].accuracy) == (4, 0.5)
    assert (found["fixedExit"].cost, found["fixedExit"].layers, found["fixedExit"].accuracy) == (9, 7, 0.5)
    assert (found["randomExit"].cost, found["randomExit"].accuracy) == ((2 + 17) / 2, (0.5 + 1) / 2)
    assert (found["oracle"].cost, found["oracle"].accuracy) == ((2 + 17) / 2, 1)


def test_report_holds_what_the_traces_say(model: Path, glue: Path, prepared: Path) -> None:
    with pytest.raises(ValueError, match="calibrate"):
        report(model)
    calibrate(model, prepared, None, list(TASKS), batch_size=8, threads=1)
    trace_dev(model, glue, list(TASKS), batch_size=8, threads=1)
    content = report(model)
    assert content == json.loads((model / "report.json").read_text(encoding="utf-8"))
    frontier = content["frontier"]
    for field in ("costCutPercent", "accuracyLossPoints", "layersSavedPercent"):
        mean = np.mean([entry[field] for entry in frontier["tasks"].values()])
        assert frontier[f"mean{field[0].upper()}{field[1:]}"] == pytest.approx(mean, abs=0.01)
    for task in TASKS:
        entry, exits = frontier["tasks"][task.key], content["tasks"][task.key]
        assert entry["accuracyPercent"] == pytest.approx(
            entry["lastExitAccuracyPercent"] - entry["accuracyLossPoints"], abs=0.011
        )
        assert exits["accuracyPercent"][-1] == entry["lastExitAccuracyPercent"]
        assert sum(entry["tierShares"].values()) == pytest.approx(1)
        assert entry["beside"]["oracle"]["accuracyPercent"] >= entry["accuracyPercent"]
        assert set(entry["beside"]) == {"allMobile", "fixedExit", "randomExit", "oracle", "dimeePools"}
    assert DEFAULT_PLAN == Plan(4, 8)
    card = (model / "README.md").read_text(encoding="utf-8")
    assert f"**{frontier['meanCostCutPercent']} %**" in card and "Limits" in card
