"""Metrics, comparators, and the report over a whole tiny model."""

import json
from pathlib import Path

import numpy as np
import pytest

from training.calibration import thresholds
from training.calibration.calibrate import calibrate
from training.calibration.cascade import Exits, Plan
from training.calibration.plans import default_plan
from training.calibration.trace import trace_dev
from training.data.glue import TASKS
from training.report.comparators import comparators
from training.report.crossing import judge_crossing
from training.report.held_out import hold_out
from training.report.metrics import EXTRA_METRICS, bootstrap_interval
from training.report.report import report
from training.report.resplit import resplit
from training.report.shipped import record_shipped


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
    assert list(found) == ["allMobile", "fixedExit", "randomExit", "randomTiers", "staticLayer", "oracle"]
    assert (found["allMobile"].cost, found["allMobile"].accuracy) == (4, 0.5)
    assert (found["fixedExit"].cost, found["fixedExit"].layers, found["fixedExit"].accuracy) == (9, 7, 0.5)
    assert (found["randomExit"].cost, found["randomExit"].accuracy) == ((2 + 17) / 2, (0.5 + 1) / 2)
    # Half of the rows on the device up to layer 4, half up to the cloud's layer 12.
    assert (found["randomTiers"].cost, found["randomTiers"].accuracy) == ((4 + 17) / 2, (0.5 + 1) / 2)
    # A mean cost of 9.5 is layers 9 and 10 of the device, at both of which only the first row is right.
    assert (found["staticLayer"].cost, found["staticLayer"].accuracy) == (9.5, 0.5)
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
        assert set(entry["beside"]) == {
            *("allMobile", "fixedExit", "randomExit", "randomTiers", "staticLayer", "oracle"),
            *("dimeePools", "dimeePoolsAtRandom"),
        }
    assert default_plan(12) == Plan(4, 8)
    headline = content["headline"]
    for field in ("meanCostCutPercent", "meanAccuracyLossPoints"):
        assert headline[field] == pytest.approx(frontier[field], abs=0.011)
    assert headline["lossInterval95"][0] <= headline["meanAccuracyLossPoints"] <= headline["lossInterval95"][1]
    assert not {"expected", "shipped"} & set(headline), "nobody has measured those"
    assert headline["gainOverStaticPoints"] == pytest.approx(
        np.mean(
            [
                entry["beside"]["staticLayer"]["accuracyLossPoints"] - entry["accuracyLossPoints"]
                for entry in frontier["tasks"].values()
            ]
        ),
        abs=0.011,
    )
    card = (model / "README.md").read_text(encoding="utf-8")
    assert f"**{frontier['meanCostCutPercent']} %**" in card and "Limits" in card


def test_the_report_holds_what_slow_commands_measured(
    model: Path, glue: Path, prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One division into folds says as much of these few rows as five.
    monkeypatch.setattr(thresholds, "_DIVISIONS", 1)
    tasks = list(TASKS)
    calibrate(model, prepared, None, tasks, batch_size=8, threads=1)
    trace_dev(model, glue, tasks, batch_size=8, threads=1)
    report(model)
    resplit(model, 2)
    hold_out(model)
    record_shipped(model, glue, tasks, batch_size=8, threads=1)
    judge_crossing(model, glue, tasks, measured_rows=5)
    content = report(model)
    headline = content["headline"]
    assert headline["expected"]["divisions"] == 2
    assert (headline["shipped"]["variant"], headline["shipped"]["payload"]) == ("q8", "int8")
    assert set(headline["shipped"]["tasks"]) == set(content["heldOut"]["tasks"]) == {task.key for task in TASKS}
    for entry in content["crossing"].values():
        assert entry["rows"] <= 5 and entry["keptPercent"]["float16"] == 100 and entry["lostPoints"]["float16"] == 0
    card = (model / "README.md").read_text(encoding="utf-8")
    assert "over 2 random divisions" in card and "As the page runs it, q8" in card and "### A task that brings" in card
    # Measured on other weights, it says nothing of these.
    kept = json.loads((model / "resplit.json").read_text(encoding="utf-8")) | {"modelHash": "0" * 64}
    (model / "resplit.json").write_text(json.dumps(kept), encoding="utf-8")
    assert "expected" not in report(model)["headline"]
    kept = json.loads((model / "shipped.json").read_text(encoding="utf-8"))
    kept["rte"]["plan"]["edgeLayers"] += 1
    (model / "shipped.json").write_text(json.dumps(kept), encoding="utf-8")
    with pytest.raises(ValueError, match=r"RTE to be recorded at .*training\.shipped"):
        report(model)
