"""What makes training quick on a CPU, and what rows of one task teach another's classifier."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn import functional

from training.attention import batched_attention
from training.recycled_dropout import RecycledDropout, drop_in_body
from training.reference import load_reference
from training.tests.test_recipes import ONE_STEP, _moved
from training.tokenise import Encoded, pad
from training.train import train
from training.training_config import TrainingConfig


@pytest.mark.parametrize("is_bool", [True, False])
def test_batched_attention_is_attention(is_bool: bool) -> None:
    random = torch.Generator().manual_seed(2)
    query, key, value = (torch.randn(2, 3, 5, 4, generator=random) for _ in range(3))
    looked_at = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]).bool()[:, None, None, :]
    mask = looked_at if is_bool else torch.zeros(looked_at.shape).masked_fill(~looked_at, torch.finfo().min)
    found, _ = batched_attention(torch.nn.Identity(), query, key, value, mask, scaling=0.5, dropout=0.0)
    expected = functional.scaled_dot_product_attention(query, key, value, attn_mask=looked_at, scale=0.5)
    torch.testing.assert_close(found, expected.transpose(1, 2))


def test_a_padded_row_has_the_logits_of_the_row_alone(weights: Path) -> None:
    model = load_reference(weights)
    rows = [Encoded([2, *range(4, 4 + words), 3], [0] * (words + 2)) for words in (2, 8)]
    together = model.task_logits(pad(rows, [0, 1]), "rte")
    torch.testing.assert_close(together[:1], model.task_logits(pad(rows[:1], [0]), "rte"))


def test_dropout_drops_its_share_and_keeps_the_mean(weights: Path) -> None:
    torch.manual_seed(3)
    model = load_reference(weights).train()
    drop_in_body(model.bert, 0.25)
    dropout = model.bert.encoder.layer[0].output.dropout
    assert isinstance(dropout, RecycledDropout)
    state = torch.ones(200, 1000)
    dropped, again = dropout(state), dropout(state)
    assert (dropped == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    assert dropped.mean().item() == pytest.approx(1, abs=0.01)
    assert not torch.equal(dropped, again)
    assert torch.equal(dropout.eval()(state), state)


def test_dropout_says_when_a_batch_is_too_large() -> None:
    with pytest.raises(ValueError, match="at most 8 elements, got 9; lower batch_rows"):
        RecycledDropout(torch.ones(8)).train()(torch.ones(9))


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_rows_of_mnli_teach_the_classifier_of_rte(
    weight: float, prepared: Path, encoder: Path, weights: Path, tmp_path: Path
) -> None:
    only_mnli = {"sst2": 0.0, "cola": 0.0, "mrpc": 0.0, "qqp": 0.0, "rte": 0.0, "qnli": 0.0}
    config = replace(ONE_STEP, task_shares=only_mnli, shared_rows_weight=weight)
    train(prepared, encoder, tmp_path / "run", config, init=weights, resume=False)
    assert _moved(weights, tmp_path / "run", "exit_ramps.0.classifiers.rte") == (weight > 0)
    assert _moved(weights, tmp_path / "run", "exit_ramps.0.classifiers.mnli")
    assert not _moved(weights, tmp_path / "run", "exit_ramps.0.classifiers.mrpc")
    torch.use_deterministic_algorithms(False)


def test_ramps_have_a_rate_of_their_own(prepared: Path, encoder: Path, weights: Path, tmp_path: Path) -> None:
    config = replace(ONE_STEP, peak_rate=1e-12, ramp_rate=1e9)
    train(prepared, encoder, tmp_path / "run", config, init=weights, resume=False)
    assert _moved(weights, tmp_path / "run", "exit_ramps.0.pooler")
    assert not _moved(weights, tmp_path / "run", "encoder.")
    torch.use_deterministic_algorithms(False)


def test_config_names_what_is_wrong() -> None:
    for name, value in (("body_dropout", 1), ("ramp_rate", 0), ("shared_rows_weight", -1)):
        with pytest.raises(ValueError, match=f"expected {name} to be"):
            TrainingConfig(**{name: value})
