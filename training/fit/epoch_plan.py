"""Which rows are trained on in which step: a function of seed and epoch, so resuming needs only the step."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from training.data.prepared import EncodedRows
from training.fit.training_config import TrainingConfig

# Rows are sorted by length within so many batches: little is padded, and batches still mix differently each epoch.
_BUCKET_BATCHES = 50


@dataclass(frozen=True)
class PlannedBatch:
    """Rows of one task that share a step; `rows` index the task's prepared rows."""

    task: str
    rows: list[int]


def plan_epoch(train: dict[str, EncodedRows], config: TrainingConfig, epoch: int) -> list[PlannedBatch]:
    """Return the batches of an epoch (0-based) in order; every epoch has the same number of them."""
    random = np.random.default_rng([config.seed, epoch])
    batches: list[PlannedBatch] = []
    for task, rows in train.items():
        wanted = round(len(rows) * config.task_shares.get(task, 1.0))
        # Each pass is cut on its own, so that no batch holds a row twice.
        while wanted > 0:
            order = random.permutation(len(rows))[:wanted]
            wanted -= len(order)
            batches += [PlannedBatch(task, part.tolist()) for part in _cut(order, rows.lengths, config.batch_rows)]
    return [batches[index] for index in random.permutation(len(batches))]


def _cut(order: np.ndarray, lengths: np.ndarray, batch_rows: int) -> Iterator[np.ndarray]:
    """Shuffled rows as batches of similar length."""
    bucket = batch_rows * _BUCKET_BATCHES
    for start in range(0, len(order), bucket):
        part = order[start : start + bucket]
        part = part[np.argsort(lengths[part], kind="stable")]
        for cut in range(0, len(part), batch_rows):
            yield part[cut : cut + batch_rows]
