"""Temperatures, calibration error, and the command that fits them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from training.calibration.calibrate import calibrate
from training.calibration.dynamics import record_dynamics
from training.calibration.probabilities import auroc, calibration_error, fit_temperature, softmax
from training.calibration.trace_file import decode_trace
from training.data.glue import TASKS
from training.data.prepared import read_prepared
from training.export.manifest import read_manifest
from training.model.provenance import read_provenance


def test_temperature_of_overconfident_logits_is_found() -> None:
    random = np.random.default_rng(0)
    honest = random.normal(size=(20000, 3)) * 2
    probabilities = softmax(honest)
    gold = np.array([random.choice(3, p=row) for row in probabilities])
    assert fit_temperature(honest * 2.5, gold) == pytest.approx(2.5, rel=0.05)


def test_temperature_stays_in_range_when_all_is_right() -> None:
    assert fit_temperature(np.array([[0.0, 9.0], [9.0, 0.0]]), np.array([1, 0])) == pytest.approx(0.05, rel=0.01)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    """Bin 0.9: 3 of 4 right, gap 0.15; bin 0.6: 1 of 1 right, gap 0.4; weighted 0.8 · 0.15 + 0.2 · 0.4."""
    confidence = np.array([0.9, 0.9, 0.9, 0.9, 0.6])
    correct = np.array([True, True, True, False, True])
    assert calibration_error(confidence, correct).plain == pytest.approx(0.2)
    assert calibration_error(np.array([1.0]), np.array([True])).plain == 0


def test_auroc_counts_pairs_in_order() -> None:
    scores, positive = np.array([0.9, 0.8, 0.8, 0.1]), np.array([True, False, True, False])
    assert auroc(scores, positive) == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert auroc(scores, np.ones(4, bool)) is None


def test_command_changes_only_its_own_fields(model: Path, prepared: Path) -> None:
    before = read_manifest(model)
    calibrate(model, prepared, None, list(TASKS), batch_size=8, threads=1)
    after = read_manifest(model)
    assert list(after) == list(before) and after["hash"] == before["hash"]
    assert "calibration split" in read_provenance(model)["calibration"]
    calibration = read_prepared(prepared).calibration
    for task in TASKS:
        entry = after["tasks"][task.key]
        assert len(entry["temperatures"]) == after["layers"]
        assert 0 < entry["thresholds"]["mobile"] <= 1 and 0 < entry["thresholds"]["edge"] <= 1
        content = json.loads((model / entry["policyData"]["path"]).read_text(encoding="utf-8"))
        rows = calibration[task.key]
        assert content["rows"] == len(rows) and list(content["pools"]) == ["dimee"]
        assert np.array(content["learnedExit"]["weights"]).shape == (after["layers"], 6)
        assert np.array(content["quantiles"]).shape == (after["layers"], 21)
        trace = decode_trace((model / entry["traces"]["calibration"]["path"]).read_bytes())
        assert trace.gold.tolist() == rows.gold.tolist() and trace.tokens.tolist() == rows.lengths.tolist()
        errors = 1 - (trace.logits.argmax(axis=2) == trace.gold[:, np.newaxis]).mean(axis=0)
        np.testing.assert_allclose(content["errorRates"], errors, atol=0.01)
        assert trace.pool_distances is not None and trace.dynamics_distances is None
        assert len(content["expectedLosses"]) == after["layers"] - 1
        for field in ("temperatures", "thresholds", "policyData", "traces"):
            entry.pop(field)
            before["tasks"][task.key].pop(field, None)
    assert after["tasks"] == before["tasks"]


def test_pools_of_training_dynamics_come_from_recorded_epochs(
    model: Path, exported: Path, prepared: Path, weights: Path, tmp_path: Path
) -> None:
    """Two epochs of the same weights: no row varies, so none is moderate."""
    run = tmp_path / "run"
    run.mkdir()
    for name in ("config.json", "tokenizer.json"):
        (run / name).write_bytes((weights / name).read_bytes())
    for epoch in (1, 2):
        (run / f"epoch-{epoch:02d}.safetensors").write_bytes((weights / "model.safetensors").read_bytes())
    record_dynamics(run, prepared, rows=10)
    calibrate(model, prepared, run / "dynamics.safetensors", list(TASKS)[:1], batch_size=8, threads=1)
    entry = read_manifest(model)["tasks"]["sst2"]
    content = json.loads((model / entry["policyData"]["path"]).read_text(encoding="utf-8"))
    easy, moderate, hard = content["pools"]["dimecDc"]["shares"]
    assert moderate == 0 and easy + hard == pytest.approx(1)
    trace = decode_trace((model / entry["traces"]["calibration"]["path"]).read_bytes())
    assert trace.dynamics_distances is not None and trace.dynamics_distances.shape == (len(trace.gold), 3)
    other = shutil.copytree(exported, tmp_path / "other")
    calibrate(other, prepared, None, list(TASKS)[:1], batch_size=8, threads=1, pools_of=model)
    path = read_manifest(other)["tasks"]["sst2"]["policyData"]["path"]
    assert json.loads((other / path).read_text(encoding="utf-8")) == content
    with pytest.raises(ValueError, match=r"this model's embeddings.onnx and DIMEC-DC pools of CoLA"):
        calibrate(other, prepared, None, list(TASKS)[1:2], batch_size=8, threads=1, pools_of=model)
