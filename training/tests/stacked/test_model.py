"""A stack beside single models: logits, weights, means."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file

from training.data.glue import TASKS
from training.data.prepared import read_prepared
from training.data.tokenise import pad
from training.model.reference import ReferenceModel, bert_config, load_reference, load_tensors, stored_tensors
from training.stacked.evaluation import predicted_logits
from training.stacked.model import Disturbance, ladder_logits
from training.stacked.rows import (
    RowTable,
)
from training.stacked.stack import Stack
from training.stacked.weights import read_ladder, start_from_encoder, start_from_weights, stored_parameters
from training.tests.stacked.shared import CPU

pytestmark = pytest.mark.usefixtures("one_thread")


def _reference_logits(folder: Path, prepared: Path) -> np.ndarray:
    rows = [row for split in read_prepared(prepared).calibration.values() for row in split.all_encoded()]
    return load_reference(folder).logits(pad(rows, list(range(len(rows)))))


def test_every_member_has_the_logits_of_the_model_alone(weights: Path, prepared: Path, calibration: RowTable) -> None:
    ladder = read_ladder(weights, CPU)
    stack = Stack(ladder.shape, start_from_weights(weights, weights), 2, CPU)
    rows = np.random.default_rng(1).permutation(len(calibration))
    found = predicted_logits(stack, ladder, calibration, rows, slice(None)).float().numpy()
    expected = _reference_logits(weights, prepared)[rows]
    assert np.abs(expected).max() > 1
    for member in found:
        np.testing.assert_allclose(member, expected, atol=5e-3)


def test_first_weights_are_the_encoders_and_are_stored_under_its_names(
    encoder: Path, weights: Path, prepared: Path, calibration: RowTable, tmp_path: Path
) -> None:
    ladder = read_ladder(encoder, CPU)
    stack = Stack(ladder.shape, start_from_encoder(encoder, ladder.shape, 3, seed=5), 3, CPU)
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((encoder / name).read_bytes())
    stored = [
        stored_parameters({name: value[member] for name, value in stack.views(torch.float32).items()}, encoder)
        for member in range(3)
    ]
    model = ReferenceModel(bert_config(encoder), TASKS)
    load_tensors(model, encoder, ramps=False)
    expected = stored_tensors(model)
    assert {name: value.shape for name, value in stored[1].items()} == {n: v.shape for n, v in expected.items()}
    for name, value in stored[1].items():
        assert value.dtype == torch.float16 and value.is_contiguous()
        assert name.startswith("exit_ramps.") or torch.equal(value, expected[name])
    ramp = "exit_ramps.0.pooler.weight"
    assert not torch.equal(stored[0][ramp], stored[1][ramp])
    save_file(stored[1], tmp_path / "model.safetensors")
    found = predicted_logits(stack, ladder, calibration, np.arange(len(calibration)), slice(None))[1]
    np.testing.assert_allclose(found.float().numpy(), _reference_logits(tmp_path, prepared), atol=5e-3)


def test_weights_come_back_as_they_went(weights: Path) -> None:
    stack = Stack(read_ladder(weights, CPU).shape, start_from_weights(weights, weights), 1, CPU)
    stored = stored_parameters({name: value[0] for name, value in stack.views(torch.float32).items()}, weights)
    before = load_file(weights / "model.safetensors")
    assert set(stored) == set(before)
    for name, value in before.items():
        np.testing.assert_array_equal(stored[name].numpy(), value)


def test_weights_with_other_words_are_refused(weights: Path, encoder: Path, tmp_path: Path) -> None:
    tensors = {name: torch.from_numpy(value) for name, value in load_file(weights / "model.safetensors").items()}
    tensors["embeddings.word_embeddings.weight"] += 1
    (tmp_path / "config.json").write_bytes((weights / "config.json").read_bytes())
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match="--init weights with the encoder's sizes, words"):
        start_from_weights(tmp_path, encoder)


def test_means_are_of_the_groups(encoder: Path) -> None:
    shape = read_ladder(encoder, CPU).shape
    stack = Stack(shape, start_from_encoder(encoder, shape, 3, seed=5), 3, CPU)
    means = stack.means([(2,), (0, 1)])
    assert len(means) == 2 and len(stack) == 3
    torch.testing.assert_close(means.values, torch.stack([stack.values[2], (stack.values[0] + stack.values[1]) / 2]))


def test_noise_reaches_the_layers_above_and_not_the_ramp_itself(weights: Path, calibration: RowTable) -> None:
    ladder = read_ladder(weights, CPU)
    views = Stack(ladder.shape, start_from_weights(weights, weights), 1, CPU).views(torch.float32)
    words = calibration.words(torch.tensor([[0, 1]]), 24)
    nothing = torch.zeros(1, 1, 1)
    noise = {2: torch.tensor([[0.5, 0.0]])}
    plain, noisy = (
        ladder_logits(views, ladder, words, disturbance) for disturbance in (None, Disturbance(nothing, nothing, noise))
    )
    torch.testing.assert_close(noisy[:, :, :2], plain[:, :, :2])
    torch.testing.assert_close(noisy[:, 1], plain[:, 1])
    assert not torch.allclose(noisy[0, 0, 2], plain[0, 0, 2], atol=1e-2)
