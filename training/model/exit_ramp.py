"""The exit ramps: what is read of a layer's states, and the classifiers of all tasks."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from training.data.tasks import Task


class ExitRamp(nn.Module):
    """Pooler over ([CLS] state, mean state of the real tokens), tanh, one classifier per task."""

    def __init__(self, hidden: int, tasks: Sequence[Task], dropout: float = 0.0) -> None:
        super().__init__()
        self.tasks = tuple(tasks)
        self.pooler = nn.Linear(2 * hidden, hidden)
        self.dropout = nn.Dropout(dropout)
        self.classifiers = nn.ModuleDict({task.key: nn.Linear(hidden, len(task.labels)) for task in tasks})

    def forward(self, hidden_state: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the concatenated logits [batch, classes] of a hidden state [batch, tokens, hidden] float32."""
        pooled = self._pooled(hidden_state, attention_mask)
        return torch.cat([self.classifiers[task.key](pooled) for task in self.tasks], dim=-1)

    def tasks_logits(self, hidden_state: Tensor, attention_mask: Tensor, tasks: Sequence[str]) -> list[Tensor]:
        """Return these tasks' logits [batch, labels]; no other classifier gets a gradient, not even a zero one."""
        pooled = self._pooled(hidden_state, attention_mask)
        return [self.classifiers[task](pooled) for task in tasks]

    def _pooled(self, hidden_state: Tensor, attention_mask: Tensor) -> Tensor:
        return self.dropout(torch.tanh(self.pooler(self._summary(hidden_state, attention_mask))))

    def _summary(self, hidden_state: Tensor, attention_mask: Tensor) -> Tensor:
        """What the pooler reads of a row [batch, inputs]."""
        mask = attention_mask.unsqueeze(-1).to(hidden_state.dtype)
        mean = (hidden_state * mask).sum(1) / mask.sum(1)
        return torch.cat([hidden_state[:, 0], mean], dim=-1)


class AttentionRamp(ExitRamp):
    """Attention pooling over the real tokens in place of ([CLS], mean): it reads more from an early layer.

    Each of `heads` learned queries [hidden] weighs the tokens by softmax(state · query), and its part of `value`
    [hidden, hidden] reads hidden / heads numbers from their weighted mean. The scores are not divided by the square
    root of the width.
    """

    def __init__(self, hidden: int, tasks: Sequence[Task], heads: int, dropout: float = 0.0) -> None:
        """Raise ValueError where the heads do not divide the width."""
        if hidden % heads:
            raise ValueError(f"expected a number of heads that divides {hidden}, got {heads}")
        super().__init__(hidden, tasks, dropout)
        self.query = nn.Linear(hidden, heads, bias=False)
        self.value = nn.Linear(hidden, hidden, bias=False)
        self.pooler = nn.Linear(hidden, hidden)

    def _summary(self, hidden_state: Tensor, attention_mask: Tensor) -> Tensor:
        scores = self.query(hidden_state).masked_fill(attention_mask.unsqueeze(-1) == 0, float("-inf"))
        pooled = torch.softmax(scores, dim=1).transpose(1, 2) @ hidden_state
        by_head = self.value.weight.unflatten(0, (pooled.shape[1], -1))
        return torch.einsum("bhi,hoi->bho", pooled, by_head).flatten(1)


def new_ramp(hidden: int, tasks: Sequence[Task], heads: int, dropout: float = 0.0) -> ExitRamp:
    """Return a random ramp: with attention pooling, or without where `heads` is 0."""
    return AttentionRamp(hidden, tasks, heads, dropout) if heads else ExitRamp(hidden, tasks, dropout)
