"""Metrics, comparators, and the report over a whole tiny model."""

import json
from pathlib import Path

import numpy as np
import pytest

from training.calibration.calibrate import calibrate
from training.calibration.cascade import Exits, Plan
from training.calibration.plans import default_plan
from training.calibration.trace import trace_dev
from training.data.glue import TASKS
from training.report.comparators import comparators
from training.report.metrics import EXTRA_METRICS, bootstrap_interval
from training.report.report import report


def test_metrics_by_hand() -> None:
    (_, matthews), (_, f1) = (EXTRA_METRICS[name] for name in ("matthews", "f1"))
    predicted, gold = np.array([1, 1, 0, 0]), np.array([1, 0, 0, 1])
    assert matthews(gold, predicted) == 0 and f1(gold, predicted) == 0.5
    assert matthews(gold, gold) == pytest.approx(1) and f1(gold, gold) == 1
    assert matthews(gold, np.ones(4, int)) == 0 and f1(gold, np.zeros(4, int)) == 0


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
    assert default_plan(12) == Plan(4, 8)
    card = (model / "README.md").read_text(encoding="utf-8")
    assert f"**{frontier['meanCostCutPercent']} %**" in card and "Limits" in card
