"""The training command on a tiny encoder: what it writes, and that being killed changes nothing."""

import json
import random
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from training.export.export import export
from training.fit.checkpoint import CHECKPOINT_FILE
from training.fit.train import train
from training.fit.training_config import TrainingConfig
from training.model.provenance import read_provenance
from training.model.weights import read_tensors
from training.tests.tiny.weights import LAYERS

ROOT = Path(__file__).resolve().parents[3]
SHORT = TrainingConfig(epochs=1, batch_rows=32)
# Long enough to be killed in (seconds), with checkpoints so often that the kill may well fall into one.
LONG = TrainingConfig(
    epochs=2, batch_rows=8, peak_rate=1e-3, checkpoint_seconds=0.3, body_dropout=0.1, shared_rows_weight=0.5
)


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def finished(prepared: Path, encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a short finished run; not to be changed."""
    out = tmp_path_factory.mktemp("runs") / "short"
    train(prepared, encoder, out, SHORT, init=None, resume=False)
    return out


def test_run_folder_is_exported_with_its_provenance(finished: Path, tmp_path: Path) -> None:
    export(finished, tmp_path / "tiny")
    provenance = read_provenance(tmp_path / "tiny")
    assert provenance["config"] == json.loads(json.dumps(asdict(SHORT)))
    (evaluation,) = provenance["curve"]
    assert provenance["status"] == f"trained by training.train to step {evaluation['step']}, in epoch 1 of 1"
    assert len(evaluation["accuracy"]["mnli"]) == LAYERS and all(0 <= a <= 100 for a in evaluation["accuracy"]["mnli"])
    assert (finished / "epoch-01.safetensors").read_bytes() == (finished / "model.safetensors").read_bytes()


def test_body_and_ramps_learn(finished: Path, encoder: Path) -> None:
    before, after = read_tensors(encoder), read_tensors(finished)
    for name in ("embeddings.word_embeddings.weight", "encoder.layer.0.attention.self.query.weight"):
        assert not np.array_equal(before[name], after[name])


def test_init_continues_from_ramps(prepared: Path, encoder: Path, finished: Path, tmp_path: Path) -> None:
    still = replace(SHORT, peak_rate=1e-12, weight_decay=0.0)
    train(prepared, encoder, tmp_path / "run", still, init=finished, resume=False)
    for name, value in read_tensors(finished).items():
        np.testing.assert_array_equal(value, read_tensors(tmp_path / "run")[name])


def test_used_run_folder_needs_resume(prepared: Path, encoder: Path, finished: Path) -> None:
    with pytest.raises(FileExistsError, match="--resume"):
        train(prepared, encoder, finished, SHORT, init=None, resume=False)


def test_resume_needs_the_same_config(prepared: Path, encoder: Path, finished: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected the config"):
        train(prepared, encoder, finished, replace(SHORT, seed=1), init=None, resume=True)
    with pytest.raises(FileNotFoundError, match=CHECKPOINT_FILE):
        train(prepared, encoder, tmp_path / "none", SHORT, init=None, resume=True)


def test_killed_and_resumed_run_ends_in_the_same_bytes(prepared: Path, encoder: Path, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    config = tmp_path / "config.json"
    config.write_text(json.dumps(asdict(LONG)))
    folders = {"--prepared": prepared, "--encoder": encoder, "--out": killed, "--config": config, "--threads": 1}
    command = [sys.executable, "-m", "training.train", *(str(part) for pair in folders.items() for part in pair)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)
    while process.poll() is None and not (killed / CHECKPOINT_FILE).exists():
        time.sleep(0.005)
    time.sleep(random.uniform(0, 1))
    process.kill()
    _, errors = process.communicate()
    assert process.returncode == -signal.SIGKILL, errors.decode()
    train(prepared, encoder, whole, LONG, init=None, resume=False)
    train(prepared, encoder, killed, LONG, init=None, resume=True)
    for name in ("model.safetensors", "training.json", "epoch-01.safetensors"):
        assert (killed / name).read_bytes() == (whole / name).read_bytes()
