"""How often the last exit keeps its label when a hidden state has crossed in a payload."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from training.model.reference import ReferenceModel
from training.payload.captured import CapturedBatch, later_states
from training.payload.state_codec import StateCodec

# Takes and returns one row's hidden state [tokens, hidden] float32.
Reconstruction = Callable[[Tensor], Tensor]


def carried_by(codec: StateCodec, bytes_per_token: int) -> Reconstruction:
    """Return what a coded payload makes of a hidden state."""
    return lambda state: torch.from_numpy(codec.carried(state.numpy(), bytes_per_token))


@torch.inference_mode()
def agreement(
    model: ReferenceModel, batches: Sequence[CapturedBatch], layer: int, reconstruct: Reconstruction
) -> dict[str, float]:
    """Return {task: percent of rows whose last exit has the label that it has without a payload}, rounded to 0.01."""
    same: dict[str, list[bool]] = {}
    for batch in batches:
        states = batch.states[layer].float()
        for row, length in zip(states, batch.mask.sum(1).tolist(), strict=True):
            row[:length] = reconstruct(row[:length])
        last = later_states(model, states, batch.mask, layer)[-1]
        labels = _labels(model.exit_ramps[-1](last, batch.mask), batch.classes)
        for task, kept in zip(batch.tasks, labels == _labels(batch.logits[:, -1], batch.classes), strict=True):
            same.setdefault(task, []).append(bool(kept))
    return {task: round(100 * sum(rows) / len(rows), 2) for task, rows in same.items()}


def _labels(logits: Tensor, classes: Tensor) -> Tensor:
    return logits.masked_fill(~classes, -torch.inf).argmax(1)
