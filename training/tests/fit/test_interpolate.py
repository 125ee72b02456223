"""Between a trained body and its encoder."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from training.data.files import sha256_of
from training.export.export import export
from training.fit.interpolate import interpolate
from training.model.provenance import read_provenance
from training.model.weights import read_tensors


@pytest.fixture
def trained(weights: Path, encoder: Path, tmp_path: Path) -> Path:
    """The tiny weights moved away from their encoder, with the training.json of a run."""
    folder = shutil.copytree(weights, tmp_path / "trained")
    moved = {name: tensor + np.float16(1) for name, tensor in load_file(folder / "model.safetensors").items()}
    save_file(moved, folder / "model.safetensors")
    about = {"status": "trained", "encoder": {"sha256": sha256_of(encoder / "model.safetensors")}}
    (folder / "training.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def test_the_body_moves_and_the_ramps_stay(trained: Path, encoder: Path, tmp_path: Path) -> None:
    interpolate(trained, encoder, tmp_path / "out", 0.75)
    start, end, mixed = (read_tensors(folder) for folder in (encoder, trained, tmp_path / "out"))
    assert set(mixed) == set(end)
    for name, tensor in mixed.items():
        expected = end[name] if name.startswith("exit_ramps.") else 0.75 * end[name] + 0.25 * start[name]
        np.testing.assert_allclose(tensor, expected, atol=2e-3)


def test_the_manifest_tells_of_it(trained: Path, encoder: Path, tmp_path: Path) -> None:
    interpolate(trained, encoder, tmp_path / "out", 0.75)
    export(tmp_path / "out", tmp_path / "models" / "tiny")
    told = read_provenance(tmp_path / "models" / "tiny")["interpolation"]
    assert told == {"trainedShare": 0.75, "trainedSha256": sha256_of(trained / "model.safetensors")}


def test_what_does_not_belong_together_is_refused(trained: Path, encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"from 0 to 1, got 1.5"):
        interpolate(trained, encoder, tmp_path / "out", 1.5)
    other = shutil.copytree(encoder, tmp_path / "other")
    (other / "model.safetensors").write_bytes((encoder / "model.safetensors").read_bytes() + b" ")
    with pytest.raises(ValueError, match="that the weights started from"):
        interpolate(trained, other, tmp_path / "out", 0.5)
