"""How often the last exit keeps its label when a hidden state has crossed in a payload."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from training.bottleneck import Bottleneck
from training.captured import CapturedBatch, later_states
from training.quantise import mixed_latents
from training.reference import ReferenceModel

# Takes and returns a hidden state [batch, tokens, hidden] float32.
Reconstruction = Callable[[Tensor], Tensor]


def carried_by(bottleneck: Bottleneck) -> Reconstruction:
    """Return what a low-rank payload makes of a hidden state."""
    mean, encoder, decoder = (
        torch.from_numpy(part).float() for part in (bottleneck.mean, bottleneck.encoder, bottleneck.decoder)
    )
    return lambda state: mean + mixed_latents((state - mean) @ encoder, bottleneck.int8) @ decoder


@torch.inference_mode()
def agreement(
    model: ReferenceModel, batches: Sequence[CapturedBatch], layer: int, reconstruct: Reconstruction
) -> dict[str, float]:
    """Return {task: percent of rows whose last exit has the label that it has without a payload}, rounded to 0.01."""
    same: dict[str, list[bool]] = {}
    for batch in batches:
        last = later_states(model, reconstruct(batch.states[layer].float()), batch.mask, layer)[-1]
        labels = _labels(model.exit_ramps[-1](last, batch.mask), batch.classes)
        for task, kept in zip(batch.tasks, labels == _labels(batch.logits[:, -1], batch.classes), strict=True):
            same.setdefault(task, []).append(bool(kept))
    return {task: round(100 * sum(rows) / len(rows), 2) for task, rows in same.items()}


def _labels(logits: Tensor, classes: Tensor) -> Tensor:
    return logits.masked_fill(~classes, -torch.inf).argmax(1)
