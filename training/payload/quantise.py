"""How plain payloads round a hidden state."""

import torch
from torch import Tensor

LARGEST_INT8, LARGEST_INT4 = 127, 7

_GROUP = 32


def symmetric(values: Tensor, largest: int, scale_type: torch.dtype = torch.float16) -> Tensor:
    """Return [..., numbers] float32 rounded to whole multiples, `largest` at most, of a scale per last dimension.

    The scale is max |x| / largest, rounded to `scale_type` as it is sent.
    """
    scale = (values.abs().amax(-1, keepdim=True) / largest).to(scale_type).float()
    # A scale of zero sends zeros; the floor only keeps the division finite.
    steps = (values / scale.clamp_min(torch.finfo(torch.float32).tiny)).round()
    return steps.clamp(-largest, largest) * scale


def int8_per_token(hidden_state: Tensor) -> Tensor:
    """Return a hidden state [..., hidden] float32 as the plain int8 payload carries it: a float32 scale a token."""
    return symmetric(hidden_state, LARGEST_INT8, torch.float32)


def int4_per_group(hidden_state: Tensor) -> Tensor:
    """Return a hidden state as the plain int4 payload carries it: a float16 scale for every 32 numbers of a token."""
    groups = hidden_state.unflatten(-1, (-1, _GROUP))
    return symmetric(groups, LARGEST_INT4).flatten(-2)
