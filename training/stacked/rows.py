"""The rows of all tasks in one table on the training device, and which of them a step of a stack reads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.data.glue import SHARED_ROWS, TASKS
from training.data.prepared import EncodedRows
from training.data.tasks import class_slices, total_classes
from training.stacked.model import Words

# Rows are sorted by length within so many batches: little is padded, and batches still mix differently each epoch.
_BUCKET_BATCHES = 50
# Widths are a multiple of this, for the attention kernels and so that few different ones are compiled.
_WIDTH_STEP = 8


@dataclass(frozen=True)
class RowTable:
    """Token ids of all rows, one after another, and what the rows should be answered.

    `ids` [all tokens] int64; `starts`, `lengths`, `first_lengths` [rows] int64: as in `EncodedRows`; `task` [rows]
    int64: the row's own task, by its place in TASKS. `targets` [rows, classes] float32: a distribution over each
    task's classes; `weights` [rows, tasks] float32: how much it counts.
    """

    ids: Tensor
    starts: Tensor
    lengths: Tensor
    first_lengths: Tensor
    task: Tensor
    targets: Tensor
    weights: Tensor

    def __len__(self) -> int:
        return len(self.lengths)

    def words(self, rows: Tensor, width: int) -> Words:
        """Return rows [members, batch] padded with zeros to `width` tokens."""
        places = torch.arange(width, device=rows.device)
        real = places < self.lengths[rows].unsqueeze(-1)
        ids = self.ids[(self.starts[rows].unsqueeze(-1) + places).clamp(max=len(self.ids) - 1)]
        types = (places >= self.first_lengths[rows].unsqueeze(-1)) & real
        return Words(torch.where(real, ids, 0), types.long(), real)


def row_table(splits: Mapping[str, EncodedRows], shared_weight: float, device: torch.device) -> RowTable:
    """Put the tasks' rows, in TASKS' order, into one table with their gold labels as targets.

    Rows that another task may learn from (`glue.SHARED_ROWS`) count `shared_weight` for that one.
    """
    slices, places = class_slices(TASKS), {task.key: place for place, task in enumerate(TASKS)}
    count = sum(len(rows) for rows in splits.values())
    targets, weights = np.zeros((count, total_classes(TASKS)), np.float32), np.zeros((count, len(TASKS)), np.float32)
    start = 0
    for key in places:
        rows = splits[key]
        own = np.arange(start, start + len(rows))
        labels = [(key, 1.0, rows.gold.astype(int))]
        if key in SHARED_ROWS:
            other, mapping = SHARED_ROWS[key]
            labels.append((other, shared_weight, np.array(mapping)[rows.gold]))
        for task, weight, gold in labels:
            targets[own, slices[task][0] + gold] = 1
            weights[own, places[task]] = weight
        start += len(rows)
    lengths = np.concatenate([splits[key].lengths for key in places]).astype(np.int64)
    arrays = (
        np.concatenate([splits[key].input_ids for key in places]).astype(np.int64),
        np.cumsum(lengths) - lengths,
        lengths,
        np.concatenate([splits[key].first_lengths for key in places]).astype(np.int64),
        np.repeat(np.arange(len(places)), [len(splits[key]) for key in places]),
        targets,
        weights,
    )
    return RowTable(*(torch.from_numpy(array).to(device) for array in arrays))


def joined(*tables: RowTable) -> RowTable:
    """Return the tables' rows one after another."""
    ids = torch.cat([table.ids for table in tables])
    before = np.cumsum([0, *(len(table.ids) for table in tables)])
    starts = torch.cat([table.starts + int(shift) for table, shift in zip(tables, before[:-1], strict=True)])
    others = ("lengths", "first_lengths", "task", "targets", "weights")
    return RowTable(ids, starts, *(torch.cat([getattr(table, name) for table in tables]) for name in others))


@dataclass(frozen=True)
class Pool:
    """Rows of a table, [rows] int64, and how often they come in an epoch (0.5: another random half each epoch)."""

    rows: np.ndarray
    share: float


def task_pools(table: RowTable, shares: Mapping[str, float], seen: np.ndarray) -> list[Pool]:
    """Return a pool for each task of its own rows where `seen` [rows] bool; tasks without a share have 1."""
    own = table.task.cpu().numpy()
    return [Pool(np.flatnonzero((own == place) & seen), shares.get(task.key, 1.0)) for place, task in enumerate(TASKS)]


def drawn_rows(pools: Sequence[Pool], random: np.random.Generator) -> np.ndarray:
    """Return an epoch's rows, pool after pool, as many in every epoch."""
    parts = []
    for pool in pools:
        wanted = round(len(pool.rows) * pool.share)
        while wanted > 0:
            parts.append(random.permutation(pool.rows)[:wanted])
            wanted -= len(parts[-1])
    return np.concatenate(parts)


@dataclass(frozen=True)
class PlannedStep:
    """`rows` [members, batch] int64 of the table, and the width that they are padded to."""

    rows: np.ndarray
    width: int


def plan_steps(
    lengths: np.ndarray, drawn: Sequence[np.ndarray], batch_rows: int, random: np.random.Generator
) -> list[PlannedStep]:
    """Return an epoch's steps over each member's `drawn` rows, which it sees in an order of its own.

    A step's rows have similar lengths, within a member and between them. What does not fill a step is left out: rows
    drawn at random, other ones for each member and epoch.
    """
    steps = min(len(rows) for rows in drawn) // batch_rows
    orders = np.stack([random.permutation(rows)[: steps * batch_rows] for rows in drawn])
    bucket = batch_rows * _BUCKET_BATCHES
    for start in range(0, orders.shape[1], bucket):
        part = orders[:, start : start + bucket]
        orders[:, start : start + bucket] = np.take_along_axis(part, np.argsort(lengths[part], 1, kind="stable"), 1)
    batches = orders.reshape(len(drawn), steps, batch_rows).swapaxes(0, 1)
    shuffled = [batches[step] for step in random.permutation(steps)]
    return [PlannedStep(rows, width_of(int(lengths[rows].max()))) for rows in shuffled]


def batches_by_length(lengths: np.ndarray, most_tokens: int) -> Iterator[np.ndarray]:
    """Yield the places of all rows in batches, longest first; padded, a batch of several has at most `most_tokens`."""
    order = np.argsort(-lengths, kind="stable")
    while len(order):
        count = max(1, most_tokens // width_of(int(lengths[order[0]])))
        yield order[:count]
        order = order[count:]


def width_of(longest: int) -> int:
    """Return the width that rows of up to `longest` tokens are padded to."""
    return -(-longest // _WIDTH_STEP) * _WIDTH_STEP
