"""Ramps that learn what the last exit says."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from training.fit import ramps
from training.fit.ramp_config import RampConfig
from training.fit.ramps import retrain_ramps
from training.model.weights import ramp_heads, read_tensors
from training.tests.tiny.weights import LAYERS

TINY = RampConfig(heads=4, epochs=8, batch_rows=32, peak_rate=1e-2, precision="float32", task_shares={"sst2": 0.5})


@pytest.fixture
def trained(weights: Path, prepared: Path, tmp_path: Path, one_thread: None) -> Path:
    """The tiny weights with new ramps."""
    retrain_ramps(weights, prepared, tmp_path / "ramps", TINY)
    return tmp_path / "ramps"


def test_ramps_learn_what_the_last_exit_says_and_the_body_stays(weights: Path, trained: Path) -> None:
    assert ramp_heads(weights) == 0
    assert ramp_heads(trained) == TINY.heads
    before, after = read_tensors(weights), read_tensors(trained)
    body = [name for name in before if not name.startswith("exit_ramps.")]
    assert all(np.array_equal(before[name], after[name]) for name in body)
    told = json.loads((trained / "training.json").read_text())["ramps"]
    assert told["config"] == json.loads(json.dumps(asdict(TINY)))
    curve = told["calibration"]
    assert [entry["layer"] for entry in curve] == list(range(1, LAYERS + 1))
    agreement = [np.mean(list(entry["after"]["agreement"].values())) for entry in curve]
    untrained = np.mean(list(curve[0]["before"]["agreement"].values()))
    assert agreement[0] > untrained + 10
    assert agreement[-1] > 85
    assert set(curve[-1]["before"]["agreement"].values()) == {100.0}
    assert not list(trained.glob("ramp-*"))


def test_a_run_that_was_stopped_goes_on_to_the_same_weights(
    weights: Path, prepared: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "stopped"
    calls = []

    def stopping(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        train(*arguments)

    train = ramps.train_ramp
    monkeypatch.setattr(ramps, "train_ramp", stopping)
    with pytest.raises(KeyboardInterrupt):
        retrain_ramps(weights, prepared, out, TINY)
    with pytest.raises(ValueError, match=r"ramp-01\.safetensors to be of this run"):
        retrain_ramps(weights, prepared, out, replace(TINY, seed=1))
    retrain_ramps(weights, prepared, out, TINY)
    assert len(calls) == 2 + LAYERS - 1
    assert (out / "model.safetensors").read_bytes() == (trained / "model.safetensors").read_bytes()


def test_without_heads_the_ramps_there_are_go_on_learning(
    weights: Path, prepared: Path, tmp_path: Path, one_thread: None
) -> None:
    retrain_ramps(weights, prepared, tmp_path / "out", replace(TINY, heads=0, epochs=1))
    before, after = read_tensors(weights), read_tensors(tmp_path / "out")
    assert set(before) == set(after)
    assert not np.array_equal(before["exit_ramps.0.pooler.weight"], after["exit_ramps.0.pooler.weight"])
