"""The loss of all exits of all members together."""

import torch
from torch import Tensor

from training.data.glue import TASKS
from training.data.tasks import class_slices
from training.stacked.compiled import compiled_on_cuda

_TEMPERATURE = 2.0
_SLICES = tuple(class_slices(TASKS).values())


@compiled_on_cuda
def stacked_loss(
    logits: Tensor, targets: Tensor, weights: Tensor, exit_weights: Tensor, distillation_weight: Tensor | None
) -> Tensor:
    """Return each member's loss [members]: the mean over what its rows are asked, weighted.

    `logits` [members, batch, layers, classes] float32; `targets` [members, batch, classes] and `weights` [members,
    batch, tasks] as in `RowTable`; `exit_weights` [members, layers], of sum 1. Cross-entropy of every exit, plus, for
    all but the last and where `distillation_weight` (a number) is given, T² · KL(last exit ‖ exit) of probabilities at
    temperature T = 2 (Hinton et al., arXiv 1503.02531); the last exit teaches and gets no gradient from it.
    """
    total = torch.zeros(len(logits), device=logits.device)
    for task, (start, end) in enumerate(_SLICES):
        asked, own = weights[:, :, task], logits[..., start:end]
        cross_entropy = -(targets[:, :, None, start:end] * torch.log_softmax(own, dim=-1)).sum(-1)
        total = total + torch.einsum("mbl,ml,mb->m", cross_entropy, exit_weights, asked)
        if distillation_weight is not None:
            teacher = torch.log_softmax(own[:, :, -1:].detach() / _TEMPERATURE, dim=-1)
            students = torch.log_softmax(own[:, :, :-1] / _TEMPERATURE, dim=-1)
            divergence = (teacher.exp() * (teacher - students)).sum(-1)
            apart = torch.einsum("mbl,ml,mb->m", divergence, exit_weights[:, :-1], asked)
            total = total + distillation_weight * _TEMPERATURE**2 * apart
    return total / weights.sum((1, 2))
