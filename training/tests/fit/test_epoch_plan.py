"""Which rows come in which step."""

from pathlib import Path

import numpy as np

from training.data.prepared import read_prepared
from training.fit.epoch_plan import plan_epoch
from training.fit.training_config import TrainingConfig


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
