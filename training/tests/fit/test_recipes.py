"""The recipes that the study tries: what each does to losses, gradients and weights."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from training.data.tokenise import Batch, Encoded, pad
from training.fit.objective import alternating_weights
from training.fit.train import train
from training.fit.training_config import TrainingConfig
from training.model.reference import ReferenceModel, load_reference
from training.model.weights import read_tensors
from training.tests.tiny.weights import LAYERS

# One step: all rows of one task in a batch, at full rate, and nothing else that moves a weight.
ONE_STEP = TrainingConfig(
    epochs=1,
    batch_rows=1000,
    peak_rate=1e-3,
    weight_decay=0.0,
    task_shares=dict.fromkeys(("sst2", "cola", "mrpc", "qqp", "qnli", "mnli"), 0.0),
)


@pytest.fixture(autouse=True)
def _reset_determinism() -> Iterator[None]:
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def batch() -> Batch:
    """Three pairs of different lengths, so that two are padded."""
    return pad([Encoded([2, *range(4, 4 + words), 3], [0] * (words + 2)) for words in (2, 5, 8)], [0, 1, 2])


def _moved(before: Path, after: Path, prefix: str) -> bool:
    old, new = read_tensors(before), read_tensors(after)
    return any(not np.array_equal(old[name], new[name]) for name in old if name.startswith(prefix))


def test_config_names_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="alternating\n  Input should be a valid boolean"):
        TrainingConfig(alternating=1)
    with pytest.raises(ValueError, match="gradient_equilibrium to be false where the body is frozen"):
        TrainingConfig(gradient_equilibrium=True, frozen_body=True)


def test_alternating_begins_with_the_last_exit() -> None:
    weights = torch.tensor([0.2, 0.3, 0.5])
    assert [alternating_weights(weights, step).tolist() for step in range(3)] == [
        [0, 0, 1],
        weights.tolist(),
        [0, 0, 1],
    ]


@pytest.mark.parametrize(
    ("changes", "moving", "still"),
    [
        ({}, ["exit_ramps.0.pooler", "exit_ramps.2.pooler", "encoder.layer.0"], []),
        ({"alternating": True}, ["exit_ramps.2.pooler", "encoder.layer.0"], ["exit_ramps.0.", "exit_ramps.1."]),
        ({"frozen_body": True}, ["exit_ramps.0.pooler", "exit_ramps.2.pooler"], ["encoder.", "embeddings."]),
    ],
)
def test_what_a_step_moves(
    changes: dict[str, bool],
    moving: list[str],
    still: list[str],
    prepared: Path,
    encoder: Path,
    weights: Path,
    tmp_path: Path,
) -> None:
    train(prepared, encoder, tmp_path / "run", replace(ONE_STEP, **changes), init=weights, resume=False)
    assert all(_moved(weights, tmp_path / "run", prefix) for prefix in moving)
    assert not any(_moved(weights, tmp_path / "run", prefix) for prefix in still)


def _gradients(model: ReferenceModel, batch: Batch, exits: slice, equilibrium: bool) -> dict[str, Tensor]:
    """The gradients of the sum of squares of some exits' logits, by parameter."""
    model.zero_grad()
    model.task_logits(batch, "mnli", equilibrium)[:, exits].square().sum().backward()
    return {name: value.grad.clone() for name, value in model.named_parameters() if value.grad is not None}


def test_equilibrium_gives_each_layer_the_mean_of_the_exits_above(weights: Path, batch: Batch) -> None:
    model = load_reference(weights).double()
    of_exit = [_gradients(model, batch, slice(exit_, exit_ + 1), False) for exit_ in range(LAYERS)]
    balanced = _gradients(model, batch, slice(None), True)
    whole = _gradients(model, batch, slice(None), False)
    for index in range(LAYERS):
        above = range(index, LAYERS)
        for name in (f"bert.encoder.layer.{index}.output.dense.{part}" for part in ("weight", "bias")):
            expected = torch.stack([of_exit[exit_][name] for exit_ in above]).mean(0)
            torch.testing.assert_close(balanced[name], expected)
            assert index == LAYERS - 1 or not torch.allclose(balanced[name], whole[name])
        for name in (f"exit_ramps.{index}.pooler.weight", f"exit_ramps.{index}.classifiers.mnli.bias"):
            torch.testing.assert_close(balanced[name], whole[name])
    word = "bert.embeddings.word_embeddings.weight"
    torch.testing.assert_close(balanced[word], whole[word] / LAYERS)


def test_equilibrium_leaves_the_logits_alone(weights: Path, batch: Batch) -> None:
    model = load_reference(weights)
    assert torch.equal(model.task_logits(batch, "rte", True), model.task_logits(batch, "rte", False))
