"""What the students learn from: the rows and their corrupted copies, with the teachers' probabilities as targets."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.data.glue import TASKS
from training.data.tasks import class_slices
from training.stacked.config import StudentConfig
from training.stacked.rows import Pool, RowTable, joined, task_pools
from training.stacked.soft_labels import SoftLabels


def distilled_table(table: RowTable, copies: Iterable[RowTable], labels: SoftLabels, config: StudentConfig) -> RowTable:
    """Return the rows of `table`, with their gold labels, and after them each of the copies.

    A row's targets are its gold label for `config.gold_share` and the teachers' probabilities for the rest; where a
    task has no gold label for it, and in the copies, the teachers' alone. Pairs of texts also count, with
    `config.cross_weight`, for the classifiers of the other tasks on pairs.
    """
    own = _probabilities(labels.own, table)
    mixed = table.targets.clone()
    for place, (start, end) in enumerate(class_slices(TASKS).values()):
        gold = (table.weights[:, place : place + 1] > 0) * config.gold_share
        mixed[:, start:end] = gold * table.targets[:, start:end] + (1 - gold) * own[:, start:end]
    tables = [replace(table, targets=mixed, weights=_with_other_tasks(table.weights, table, config))]
    own_task = functional.one_hot(table.task, len(TASKS)).float()
    for copy, probabilities in zip(copies, labels.copies, strict=True):
        weights = _with_other_tasks(own_task, table, config)
        tables.append(replace(copy, targets=_probabilities(probabilities, table), weights=weights))
    return joined(*tables)


def distilled_pools(table: RowTable, copies: int, config: StudentConfig) -> list[Pool]:
    """Return the pools of `distilled_table`: a task's rows of `table`, and its rows of all copies together."""
    everything = np.ones(len(table), bool)
    pools = task_pools(table, config.task_shares, everything)
    if not copies:
        return pools
    starts = [number * len(table) for number in range(1, copies + 1)]
    return pools + [
        Pool(np.concatenate([pool.rows + start for start in starts]), pool.share / copies)
        for pool in task_pools(table, config.copy_shares, everything)
    ]


def _probabilities(stored: np.ndarray, table: RowTable) -> Tensor:
    return torch.from_numpy(stored).to(table.targets)


def _with_other_tasks(weights: Tensor, table: RowTable, config: StudentConfig) -> Tensor:
    """The weights [rows, tasks], and `cross_weight` for the tasks on pairs that a pair does not count for."""
    pair = torch.tensor([task.pair for task in TASKS], device=weights.device)
    crossing = pair[table.task].unsqueeze(1) & pair & (weights == 0)
    return torch.where(crossing, config.cross_weight, weights)
