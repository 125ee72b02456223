"""What a training run may be told."""

import json
from pathlib import Path

import pytest

from training.data.glue import TASKS
from training.fit.config import expect_tasks, read_config, shares_of_layers
from training.fit.training_config import TrainingConfig


def test_config_file_replaces_fields(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"epochs": 2, "exit_weights": [1, 3]}))
    config = read_config(path, TrainingConfig)
    assert config == TrainingConfig(epochs=2, exit_weights=(1, 3)) and shares_of_layers(config.exit_weights, 2) == [
        0.25,
        0.75,
    ]
    assert read_config(None, TrainingConfig) == TrainingConfig()


def test_config_names_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"epoch": 2}')
    with pytest.raises(ValueError, match="epoch\n  Unexpected"):
        read_config(path, TrainingConfig)
    with pytest.raises(ValueError, match="warm_up\n  Input should be less than 1"):
        TrainingConfig(warm_up=1)
    with pytest.raises(ValueError, match=r"expected task keys among .* got \['wnli'\]"):
        expect_tasks(TrainingConfig(task_shares={"wnli": 1}), TASKS)
    with pytest.raises(ValueError, match="3 weights, one a layer"):
        shares_of_layers((1.0, 2.0), 3)


def test_exit_weights_by_name() -> None:
    assert shares_of_layers("layer", 3) == pytest.approx([1 / 6, 2 / 6, 3 / 6])
    assert shares_of_layers("uniform", 4) == [0.25] * 4


def test_rate_warms_up_then_falls_to_zero() -> None:
    config = TrainingConfig(peak_rate=1.0, warm_up=0.2)
    rates = [config.rate(step, 10) for step in range(10)]
    assert rates == pytest.approx([0.5, 1.0, 1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125])
