"""What keeps training from learning rows by heart, and runs that stop early."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from training.data.tokenise import Encoded, pad
from training.fit.noisy_rows import twice, with_masked_words
from training.fit.objective import passes_apart
from training.fit.train import train
from training.fit.training_config import TrainingConfig
from training.model.weights import read_tensors
from training.tests.fit.test_recipes import ONE_STEP, _moved
from training.tests.fit.test_train import SHORT


@pytest.fixture(autouse=True)
def _reset_determinism() -> Iterator[None]:
    yield
    torch.use_deterministic_algorithms(False)


def test_words_are_masked_and_nothing_else() -> None:
    torch.manual_seed(4)
    rows = [Encoded([101, *range(2000, 2040), 102], [0] * 42) for _ in range(50)]
    batch = pad(rows, list(range(50)))
    masked = with_masked_words(batch, 0.3)
    changed = masked.input_ids != batch.input_ids
    assert (masked.input_ids[changed] == 103).all()
    assert changed[:, 1:-1].mean() == pytest.approx(0.3, abs=0.05)
    assert not changed[:, [0, -1]].any()
    assert not (with_masked_words(batch, 0.3).input_ids == masked.input_ids).all()


def test_passes_that_agree_cost_nothing_and_others_their_divergence() -> None:
    weights = torch.tensor([0.25, 0.75])
    one = torch.log(torch.tensor([[[0.5, 0.5], [0.9, 0.1]]]))
    assert passes_apart(torch.cat([one, one]), weights).item() == 0
    other = torch.log(torch.tensor([[[0.5, 0.5], [0.1, 0.9]]]))
    # At the second exit KL is 0.8 · ln 9 in both directions.
    assert passes_apart(torch.cat([one, other]), weights).item() == pytest.approx(0.75 * 0.8 * np.log(9), rel=1e-5)


def test_rows_come_twice_in_order() -> None:
    batch = twice(pad([Encoded([1, 2], [0, 0]), Encoded([3], [0])], [7, 9]))
    assert batch.rows == [7, 9, 7, 9]
    assert batch.input_ids.tolist() == [[1, 2], [3, 0]] * 2


def test_consistency_needs_dropout_to_differ(prepared: Path, encoder: Path, weights: Path, tmp_path: Path) -> None:
    """Without dropout both passes are the same, so that nothing is gained or lost; with it, weights end elsewhere."""
    for dropout in (0.0, 0.2):
        plain = replace(ONE_STEP, body_dropout=dropout, ramp_dropout=dropout)
        for name, config in (("plain", plain), ("twice", replace(plain, consistency={"rte": 1.0}))):
            train(prepared, encoder, tmp_path / f"{name}-{dropout}", config, init=weights, resume=False)
        pair = [read_tensors(tmp_path / f"{name}-{dropout}") for name in ("plain", "twice")]
        same = all(np.allclose(value, pair[1][name], atol=1e-3) for name, value in pair[0].items())
        assert same == (dropout == 0)


def test_frozen_words_stay(prepared: Path, encoder: Path, weights: Path, tmp_path: Path) -> None:
    train(prepared, encoder, tmp_path / "run", replace(ONE_STEP, frozen_words=True), init=weights, resume=False)
    assert not _moved(weights, tmp_path / "run", "embeddings.word_embeddings")
    assert _moved(weights, tmp_path / "run", "embeddings.position_embeddings")


def test_a_run_that_stops_early_has_its_schedules_rates_so_far(prepared: Path, encoder: Path, tmp_path: Path) -> None:
    """Of two epochs' schedule one epoch is taken: the weights are those that the whole run had there."""
    config = replace(SHORT, epochs=2)
    train(prepared, encoder, tmp_path / "whole", config, init=None, resume=False)
    curve = json.loads((tmp_path / "whole" / "training.json").read_text(encoding="utf-8"))["curve"]
    stopped = replace(config, last_step=curve[0]["step"])
    train(prepared, encoder, tmp_path / "part", stopped, init=None, resume=False)
    weights = [tmp_path / name for name in ("whole/epoch-01.safetensors", "part/model.safetensors")]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    assert not (tmp_path / "part" / "epoch-02.safetensors").exists()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"masked_words": {"rte": 1.0}}, "masked_words.rte\n  Input should be less than 1"),
        ({"consistency": {"rte": -1.0}}, "consistency.rte"),
        ({"frozen_words": 1}, "frozen_words\n  Input should be a valid boolean"),
        ({"last_step": -1}, "last_step"),
    ],
)
def test_config_says_what_is_wrong(changes: dict, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        TrainingConfig(**changes)
