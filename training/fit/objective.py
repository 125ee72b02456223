"""The loss of all exits together."""

import torch
from torch import Tensor
from torch.nn import functional

from training.fit.training_config import TrainingConfig


def alternating_weights(weights: Tensor, step: int) -> Tensor:
    """Return the exit weights [layers] of a step (0-based): the last exit alone, then all exits, and so on.

    BERxiT's alternating training (Xin et al., EACL 2021), whose odd steps, counted from 1, are the last exit's.
    """
    if step % 2:
        return weights
    last = torch.zeros_like(weights)
    last[-1] = 1.0
    return last


def ladder_loss(logits: Tensor, gold: Tensor, weights: Tensor, config: TrainingConfig) -> Tensor:
    """Return the scalar loss of one task's logits [batch, layers, labels] float32 and gold [batch] int64.

    Cross-entropy of every exit, plus, for all but the last, T² · KL(last exit ‖ exit) of probabilities at temperature
    T (Hinton et al., arXiv 1503.02531); the last exit teaches and gets no gradient from it. `weights`: [layers], of
    sum 1.
    """
    batch, layers, labels = logits.shape
    cross_entropy = functional.cross_entropy(
        logits.reshape(-1, labels),
        gold.repeat_interleave(layers),
        reduction="none",
        label_smoothing=config.label_smoothing,
    ).view(batch, layers)
    loss = (cross_entropy.mean(0) * weights).sum()
    if config.distillation_weight == 0:
        return loss
    temperature = config.distillation_temperature
    teacher = torch.log_softmax(logits[:, -1:].detach() / temperature, dim=-1).expand(-1, layers - 1, -1)
    students = torch.log_softmax(logits[:, :-1] / temperature, dim=-1)
    divergence = functional.kl_div(students, teacher, reduction="none", log_target=True).sum(-1).mean(0)
    return loss + config.distillation_weight * temperature**2 * (divergence * weights[:-1]).sum()


def passes_apart(logits: Tensor, weights: Tensor) -> Tensor:
    """Return how far apart two passes are over the same rows, one half of logits [2 · rows, layers, labels] each.

    The mean of both Kullback-Leibler divergences, `weights` [layers] over the exits (R-Drop, arXiv 2106.14448).
    """
    one, other = torch.log_softmax(logits, dim=-1).chunk(2)
    divergence = ((one.exp() - other.exp()) * (one - other)).sum(-1) / 2
    return (divergence.mean(0) * weights).sum()
