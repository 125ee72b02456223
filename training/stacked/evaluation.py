"""What a stack's members answer: logits, probabilities, and accuracies on the calibration split."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from training.data.glue import TASKS
from training.data.tasks import class_slices
from training.stacked.model import Ladder, ladder_logits
from training.stacked.rows import RowTable, batches_by_length, width_of
from training.stacked.stack import Stack

# Of all members in one pass: enough to fill an accelerator, few enough for a CPU's cache.
_PASS_TOKENS = {"cuda": 131072, "cpu": 8192}


@torch.inference_mode()
def predicted_logits(stack: Stack, ladder: Ladder, table: RowTable, rows: np.ndarray, exits: slice) -> Tensor:
    """Return the logits [members, rows, exits, classes] float16, on the CPU, of some rows [rows] int64 of a table."""
    device, views = table.ids.device, stack.views(ladder.word_table.dtype)
    lengths = table.lengths.cpu().numpy()[rows]
    parts, order = [], []
    for places in batches_by_length(lengths, _PASS_TOKENS[device.type] // len(stack)):
        chosen = torch.from_numpy(rows[places]).to(device).expand(len(stack), -1)
        logits = ladder_logits(views, ladder, table.words(chosen, width_of(int(lengths[places].max()))))
        parts.append(logits[:, :, exits].half().cpu())
        order.append(places)
    return torch.cat(parts, dim=1)[:, np.argsort(np.concatenate(order))]


def class_probabilities(logits: Tensor) -> Tensor:
    """Return the probabilities within each task's classes, float32, shaped as the logits [..., classes]."""
    return torch.cat([torch.softmax(logits[..., a:b].float(), dim=-1) for a, b in class_slices(TASKS).values()], dim=-1)


def exit_accuracies(scores: Tensor, table: RowTable) -> dict[str, list[float]]:
    """Return {task: accuracy of each exit in percent}, rounded to 0.01; tasks without rows are left out.

    `scores` [rows, layers, classes]: logits or probabilities of all of the table's rows, whose targets are gold labels.
    """
    own, targets = table.task.cpu(), table.targets.cpu()
    accuracies = {}
    for place, task in enumerate(TASKS):
        start, end = class_slices(TASKS)[task.key]
        rows = own == place
        if not rows.any():
            continue
        hits = scores[rows][..., start:end].argmax(-1) == targets[rows, start:end].argmax(-1, keepdim=True)
        accuracies[task.key] = np.round(hits.double().mean(0).numpy() * 100, 2).tolist()
    return accuracies


def mean_accuracies(accuracies: dict[str, list[float]]) -> list[float]:
    """Return the mean over tasks of each exit's accuracy, rounded to 0.01."""
    return np.round(np.mean(list(accuracies.values()), axis=0), 2).tolist()


def score(accuracies: dict[str, list[float]], shares: Sequence[float]) -> float:
    """Return the mean over tasks of the exits' accuracies, of which each counts its share; rounded to 0.001."""
    return round(float(np.mean(list(accuracies.values()), axis=0) @ shares), 3)
