"""What a config changes of one step."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from training.fit.train import train
from training.fit.training_config import TrainingConfig
from training.tests.fit.test_recipes import ONE_STEP, _moved


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
        with pytest.raises(ValueError, match=name):
            TrainingConfig(**{name: value})
