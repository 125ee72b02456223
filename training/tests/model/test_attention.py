"""Attention, padded and batched."""

from pathlib import Path

import pytest
import torch
from torch.nn import functional

from training.data.tokenise import Encoded, pad
from training.model.attention import batched_attention
from training.model.reference import load_reference


@pytest.mark.parametrize("is_bool", [True, False])
def test_batched_attention_is_attention(is_bool: bool) -> None:
    random = torch.Generator().manual_seed(2)
    query, key, value = (torch.randn(2, 3, 5, 4, generator=random) for _ in range(3))
    looked_at = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]).bool()[:, None, None, :]
    mask = looked_at if is_bool else torch.zeros(looked_at.shape).masked_fill(~looked_at, torch.finfo().min)
    found, _ = batched_attention(torch.nn.Identity(), query, key, value, mask, scaling=0.5, dropout=0.0)
    expected = functional.scaled_dot_product_attention(query, key, value, attn_mask=looked_at, scale=0.5)
    torch.testing.assert_close(found, expected.transpose(1, 2))


def test_a_padded_row_has_the_logits_of_the_row_alone(weights: Path) -> None:
    model = load_reference(weights)
    rows = [Encoded([2, *range(4, 4 + words), 3], [0] * (words + 2)) for words in (2, 8)]
    together = model.task_logits(pad(rows, [0, 1]), "rte")
    torch.testing.assert_close(together[:1], model.task_logits(pad(rows[:1], [0]), "rte"))
