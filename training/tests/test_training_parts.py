"""Config, schedule, plan, loss and progress."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from training.epoch_plan import plan_epoch
from training.objective import ladder_loss
from training.prepared import read_prepared
from training.progress import Progress
from training.training_config import TrainingConfig, read_config_file


def test_config_file_replaces_fields(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"epochs": 2, "exit_weights": [1, 3]}))
    config = read_config_file(path)
    assert config == TrainingConfig(epochs=2, exit_weights=(1, 3)) and config.layer_weights(2) == [0.25, 0.75]
    assert read_config_file(None) == TrainingConfig()


def test_config_names_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"epoch": 2}')
    with pytest.raises(ValueError, match="'epoch'"):
        read_config_file(path)
    with pytest.raises(ValueError, match="warm_up to be from 0 to below 1, got 1"):
        TrainingConfig(warm_up=1)
    with pytest.raises(ValueError, match="task_shares"):
        TrainingConfig(task_shares={"wnli": 1})
    with pytest.raises(ValueError, match="3 exit_weights"):
        TrainingConfig(exit_weights=(1.0, 2.0)).layer_weights(3)


def test_exit_weights_by_name() -> None:
    assert TrainingConfig().layer_weights(3) == pytest.approx([1 / 6, 2 / 6, 3 / 6])
    assert TrainingConfig(exit_weights="uniform").layer_weights(4) == [0.25] * 4


def test_rate_warms_up_then_falls_to_zero() -> None:
    config = TrainingConfig(peak_rate=1.0, warm_up=0.2)
    rates = [config.rate(step, 10) for step in range(10)]
    assert rates == pytest.approx([0.5, 1.0, 1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125])


def test_an_epoch_holds_every_row_once_and_epochs_differ(prepared: Path) -> None:
    train = read_prepared(prepared).train
    config = TrainingConfig(batch_rows=8)
    first = plan_epoch(train, config, 0)
    for task, rows in train.items():
        planned = [row for batch in first if batch.task == task for row in batch.rows]
        assert sorted(planned) == list(range(len(rows)))
    second = plan_epoch(train, config, 1)
    assert first == plan_epoch(train, config, 0) and first != second and len(first) == len(second)
    assert max(len(batch.rows) for batch in first) == 8


def test_shares_thin_out_or_repeat_a_task(prepared: Path) -> None:
    train = read_prepared(prepared).train
    batches = plan_epoch(train, TrainingConfig(task_shares={"sst2": 0.5, "rte": 2.5, "cola": 0}), 0)
    counts = {task: np.zeros(len(rows), int) for task, rows in train.items()}
    for batch in batches:
        counts[batch.task][batch.rows] += 1
        assert len(set(batch.rows)) == len(batch.rows)
    assert counts["sst2"].sum() == round(len(train["sst2"]) / 2) and counts["sst2"].max() == 1
    assert set(counts["rte"]) == {2, 3} and counts["cola"].max() == 0


def test_loss_is_the_written_formula() -> None:
    logits = torch.randn(5, 3, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    gold, weights = torch.tensor([0, 1, 1, 0, 1]), torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64)
    values = logits.numpy()
    soft = np.exp(values / 2) / np.exp(values / 2).sum(-1, keepdims=True)
    hard = np.exp(values) / np.exp(values).sum(-1, keepdims=True)
    cross_entropy = -np.log(hard[np.arange(5), :, gold.numpy()]).mean(0)
    divergence = (soft[:, -1:] * np.log(soft[:, -1:] / soft)).sum(-1).mean(0)
    expected = (weights.numpy() * (cross_entropy + 0.5 * 4 * divergence)).sum()
    assert ladder_loss(logits, gold, weights, TrainingConfig()).item() == pytest.approx(expected)


def test_distillation_does_not_pull_the_teacher() -> None:
    logits = torch.randn(4, 2, 3, generator=torch.Generator().manual_seed(1), requires_grad=True)
    gold, weights = torch.tensor([0, 1, 2, 0]), torch.tensor([0.5, 0.5])
    gradients = []
    for weight in (0.0, 1.0):
        loss = ladder_loss(logits, gold, weights, TrainingConfig(distillation_weight=weight))
        gradients.append(torch.autograd.grad(loss, logits)[0])
    torch.testing.assert_close(gradients[0][:, 1], gradients[1][:, 1])
    assert not torch.allclose(gradients[0][:, 0], gradients[1][:, 0])


def test_progress_tells_speed_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0.0, 10.0, 20.0])
    progress = Progress(steps=722, interval=15.0, clock=lambda: next(times))
    progress.step(0, 0, tokens=1000, loss=0.7, rate=1e-4)
    progress.step(1, 0, tokens=3000, loss=0.6, rate=1e-4)
    line = "step 2/722, epoch 1, loss 0.6000, rate 1.00e-04, 200 tokens/s, ETA 2 h 00 min\n"
    assert capsys.readouterr().err == line
