"""Self-attention as two batched products, for `transformers.BertModel`."""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface, eager_mask

BATCHED_ATTENTION = "batched"


def batched_attention(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    """Return the attention output [batch, tokens, heads, width] of [batch, heads, tokens, width] each.

    `attention_mask` goes with the scores [batch, heads, tokens, tokens]: bool, whether a token is looked at, or numbers
    to add. On a CPU that multiplies bfloat16 itself, training is 1.4 times as fast as with
    scaled_dot_product_attention, whose backward is slow there, and 1.5 times as fast as with 4-dimensional products.
    """
    batch, heads, tokens, width = query.shape
    queries, keys, values = (part.reshape(batch * heads, tokens, width) for part in (query, key, value))
    scores = torch.bmm(queries * options["scaling"], keys.transpose(1, 2)).view(batch, heads, tokens, tokens)
    if attention_mask is not None and attention_mask.dtype == torch.bool:
        scores = scores.masked_fill(~attention_mask, float("-inf"))
    elif attention_mask is not None:
        scores = scores + attention_mask.to(scores.dtype)
    weights = torch.softmax(scores, dim=-1).view(batch * heads, tokens, tokens)
    return torch.bmm(weights, values).view(batch, heads, tokens, width).transpose(1, 2).contiguous(), None


AttentionInterface.register(BATCHED_ATTENTION, batched_attention)
AttentionMaskInterface.register(BATCHED_ATTENTION, eager_mask)
