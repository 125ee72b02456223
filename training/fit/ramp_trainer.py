"""The training of one exit ramp on frozen states, by distillation from the last exit."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from training.data.tasks import Task, class_slices
from training.fit.descent import Descent
from training.fit.frozen_states import FrozenStates
from training.fit.progress import Progress
from training.fit.ramp_config import RampConfig
from training.model.exit_ramp import ExitRamp

# Rows are sorted by length up to so many tokens of chance: little is padded, and batches differ each epoch.
_LENGTH_CHANCE = 4


class SoftTargets:
    """What the last exit says about some rows.

    `probabilities` [rows, all classes] float32: a distribution over each task's classes; `weights` [rows, tasks]
    float32: how much it counts for a task's classifier; `labels` [rows] int64: the likeliest of the row's own task.
    """

    def __init__(self, logits: Tensor, task: Tensor, tasks: Sequence[Task], cross_weight: float) -> None:
        """Take the last exit's `logits` [rows, all classes] and the rows' own `task` [rows], a place among `tasks`.

        A row counts `cross_weight` for the other tasks that read as many texts, and for its own task the more the
        fewer rows that has: by the square root of the mean number of rows over its own.
        """
        self.probabilities = torch.cat([torch.softmax(logits[:, own], dim=1) for own in _slices(tasks)], dim=1)
        is_pair = torch.tensor([one.pair for one in tasks])
        counts = torch.bincount(task, minlength=len(tasks)).clamp_min(1)
        self.weights = cross_weight * (is_pair[task].unsqueeze(1) == is_pair).float()
        self.weights[torch.arange(len(task)), task] = (len(task) / len(tasks) / counts).sqrt()[task]
        self.labels = own_labels(logits, task, tasks)


def own_labels(logits: Tensor, task: Tensor, tasks: Sequence[Task]) -> Tensor:
    """Return the likeliest label id [rows] of each row's own task, of logits [rows, all classes]."""
    by_task = torch.stack([logits[:, own].argmax(dim=1) for own in _slices(tasks)], dim=1)
    return by_task[torch.arange(len(task)), task]


def train_ramp(
    ramp: ExitRamp, states: FrozenStates, targets: SoftTargets, config: RampConfig, random: np.random.Generator
) -> None:
    """Train a ramp in place. Raises FloatingPointError where the loss is no finite number."""
    ramp.train().requires_grad_(True)
    descent = Descent({ramp: 1.0}, config.weight_decay, config.gradient_norm)
    epoch_steps = -(-len(states) // config.batch_rows)
    steps = epoch_steps * config.epochs
    progress = Progress(steps)
    for epoch in range(config.epochs):
        order = torch.from_numpy(np.argsort(states.lengths.numpy() + random.random(len(states)) * _LENGTH_CHANCE))
        batches = order.split(config.batch_rows)
        for place, batch in enumerate(random.permutation(epoch_steps)):
            step = epoch * epoch_steps + place
            rows = batches[batch]
            loss = _loss(
                ramp(*states.padded(rows)), targets.probabilities[rows], targets.weights[rows], _slices(ramp.tasks)
            )
            rate = config.rate(step, steps)
            descent.step(step, loss, rate)
            progress.step(step, epoch, int(states.lengths[rows].sum()), loss.item(), rate)
    ramp.eval().requires_grad_(False)


def exit_numbers(ramp: ExitRamp, states: FrozenStates, targets: SoftTargets) -> dict[str, dict[str, float]]:
    """Return, by task in percent, a ramp's `accuracy` and its `agreement` with the last exit."""
    labels = own_labels(states.logits(ramp), states.task, ramp.tasks)
    hits = {"accuracy": labels == states.gold, "agreement": labels == targets.labels}
    return {
        name: {
            task.key: round(float(hit[states.task == place].float().mean()) * 100, 2)
            for place, task in enumerate(ramp.tasks)
            if (states.task == place).any()
        }
        for name, hit in hits.items()
    }


def _loss(logits: Tensor, probabilities: Tensor, weights: Tensor, slices: Sequence[slice]) -> Tensor:
    """The mean over rows of their tasks' cross-entropies, weighted."""
    total = torch.zeros(())
    for place, own in enumerate(slices):
        cross_entropy = -(probabilities[:, own] * torch.log_softmax(logits[:, own], dim=1)).sum(1)
        total = total + (cross_entropy * weights[:, place]).sum()
    return total / len(logits)


def _slices(tasks: Sequence[Task]) -> list[slice]:
    return [slice(*ends) for ends in class_slices(tasks).values()]
