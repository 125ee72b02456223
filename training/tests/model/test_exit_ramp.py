"""Ramps that pool by attention."""

import pytest
import torch

from training.data.glue import TASKS
from training.data.tasks import class_slices, total_classes
from training.model.exit_ramp import AttentionRamp
from training.tests.tiny.weights import HIDDEN


def test_attention_pools_real_tokens_by_their_scores() -> None:
    torch.manual_seed(0)
    ramp = AttentionRamp(HIDDEN, TASKS, 4).eval()
    states = torch.randn(2, 5, HIDDEN)
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    logits = ramp(states, mask)
    assert logits.shape == (2, total_classes(TASKS))
    torch.testing.assert_close(ramp(states[1:, :3], mask[1:, :3]), logits[1:])
    summary = []
    for head in range(4):
        weights = torch.softmax(states[0] @ ramp.query.weight[head], dim=0)
        part = ramp.value.weight[head * HIDDEN // 4 : (head + 1) * HIDDEN // 4]
        summary.append(part @ (weights @ states[0]))
    pooled = torch.tanh(ramp.pooler(torch.cat(summary)))
    start, end = class_slices(TASKS)["rte"]
    torch.testing.assert_close(ramp.classifiers["rte"](pooled), logits[0, start:end])
    with pytest.raises(ValueError, match="divides 32, got 5"):
        AttentionRamp(HIDDEN, TASKS, 5)
