"""The loss of all exits."""

import numpy as np
import pytest
import torch

from training.fit.objective import ladder_loss
from training.fit.training_config import TrainingConfig


def test_loss_is_the_written_formula() -> None:
    logits = torch.randn(5, 3, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    gold, weights = torch.tensor([0, 1, 1, 0, 1]), torch.tensor([0.2, 0.3, 0.5], dtype=torch.float64)
    values = logits.numpy()
    soft = np.exp(values / 2) / np.exp(values / 2).sum(-1, keepdims=True)
    hard = np.exp(values) / np.exp(values).sum(-1, keepdims=True)
    cross_entropy = -np.log(hard[np.arange(5), :, gold.numpy()]).mean(0)
    divergence = (soft[:, -1:] * np.log(soft[:, -1:] / soft)).sum(-1).mean(0)
    expected = (weights.numpy() * (cross_entropy + 0.5 * 4 * divergence)).sum()
    assert ladder_loss(logits, gold, weights, TrainingConfig()).item() == pytest.approx(expected)


def test_distillation_does_not_pull_the_teacher() -> None:
    logits = torch.randn(4, 2, 3, generator=torch.Generator().manual_seed(1), requires_grad=True)
    gold, weights = torch.tensor([0, 1, 2, 0]), torch.tensor([0.5, 0.5])
    gradients = []
    for weight in (0.0, 1.0):
        loss = ladder_loss(logits, gold, weights, TrainingConfig(distillation_weight=weight))
        gradients.append(torch.autograd.grad(loss, logits)[0])
    torch.testing.assert_close(gradients[0][:, 1], gradients[1][:, 1])
    assert not torch.allclose(gradients[0][:, 0], gradients[1][:, 0])
