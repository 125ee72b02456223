"""Several early-exit encoders of one shape side by side: every product is one batched product over all of them.

A small encoder's own products leave an accelerator idle; a stack of them fills it. Members share nothing but the word
and position tables, which do not learn.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from training.data.glue import TASKS
from training.data.tasks import total_classes
from training.stacked.compiled import compiled_on_cuda

# exp() of it is 0, and unlike an infinity it gives no NaN.
_MASKED = -10000.0


@dataclass(frozen=True)
class LadderShape:
    """Sizes of every member; `epsilon` is that of the layer normalisations."""

    layers: int
    hidden: int
    heads: int
    intermediate: int
    epsilon: float


@dataclass(frozen=True)
class Ladder:
    """What the members share: their sizes, and the embedding tables, [rows, hidden] each, which do not learn.

    The tables' dtype is that of all products.
    """

    shape: LadderShape
    word_table: Tensor
    position_table: Tensor


@dataclass(frozen=True)
class Words:
    """Token rows of every member: `ids`, `types` int64 and `real` bool, [members, batch, tokens] each."""

    ids: Tensor
    types: Tensor
    real: Tensor


@dataclass(frozen=True)
class Disturbance:
    """What a training pass does to the hidden states.

    `dropout`, `ramp_dropout` [members, 1, 1]: the share of elements dropped. `noise`: by layer (1-based), [members,
    batch]: the standard deviation of the noise that a row's state gets on its way to the next layer, in root mean
    squares of each token's state; the layer's own ramp reads the state as it was.
    """

    dropout: Tensor
    ramp_dropout: Tensor
    noise: Mapping[int, Tensor]


def parameter_shapes(shape: LadderShape) -> dict[str, tuple[int, ...]]:
    """Return what a member learns: names as in the weights file, matrices [inputs, outputs]."""
    hidden, wide = shape.hidden, shape.intermediate
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.token_type_embeddings.weight": (2, hidden),
        **_norm_shapes("embeddings.LayerNorm", hidden),
    }
    for layer in range(shape.layers):
        prefix, ramp = f"encoder.layer.{layer}", f"exit_ramps.{layer}"
        shapes |= _linear_shapes(f"{prefix}.attention.self.query_key_value", hidden, 3 * hidden)
        shapes |= _linear_shapes(f"{prefix}.attention.output.dense", hidden, hidden)
        shapes |= _norm_shapes(f"{prefix}.attention.output.LayerNorm", hidden)
        shapes |= _linear_shapes(f"{prefix}.intermediate.dense", hidden, wide)
        shapes |= _linear_shapes(f"{prefix}.output.dense", wide, hidden)
        shapes |= _norm_shapes(f"{prefix}.output.LayerNorm", hidden)
        shapes |= _linear_shapes(f"{ramp}.pooler", 2 * hidden, hidden)
        shapes |= _linear_shapes(f"{ramp}.classifiers", hidden, total_classes(TASKS))
    return shapes


def ladder_logits(
    weights: Mapping[str, Tensor], ladder: Ladder, words: Words, disturbance: Disturbance | None = None
) -> Tensor:
    """Return the logits [members, batch, layers, classes] float32.

    `weights`: named and shaped as `parameter_shapes` tells, with the members first, in the tables' dtype.
    """
    shape = ladder.shape
    members, batch, tokens = words.ids.shape
    mask = torch.where(words.real, 0.0, _MASKED).view(members * batch, 1, 1, tokens)
    states = _embedded(weights, ladder, words, disturbance)
    exits = []
    for layer in range(shape.layers):
        prefix = f"encoder.layer.{layer}"
        parts = [weights[f"{prefix}.{name}"] for name in _LAYER_PARTS]
        states = encoder_layer(states, mask, parts, shape.heads, shape.epsilon, disturbance and disturbance.dropout)
        exits.append(_ramp(weights, f"exit_ramps.{layer}", states, words.real, disturbance))
        if disturbance is not None and layer + 1 in disturbance.noise:
            states = _noisy(states, disturbance.noise[layer + 1], tokens)
    return torch.stack(exits, dim=2).float()


_LAYER_PARTS = tuple(
    f"{part}.{kind}"
    for part in (
        "attention.self.query_key_value",
        "attention.output.dense",
        "attention.output.LayerNorm",
        "intermediate.dense",
        "output.dense",
        "output.LayerNorm",
    )
    for kind in ("weight", "bias")
)


@compiled_on_cuda
def encoder_layer(
    states: Tensor, mask: Tensor, parts: list[Tensor], heads: int, epsilon: float, dropout: Tensor | None
) -> Tensor:
    """Return the states [members, batch · tokens, hidden] after one layer.

    `mask` [members · batch, 1, 1, tokens] float32 is added to the scores: 0 for a real token. `parts`: the layer's
    parameters in the order of `_LAYER_PARTS`.
    """
    joined, joined_bias, out, out_bias, scale, shift, wide, wide_bias, narrow, narrow_bias, last, last_shift = parts
    members, count, hidden = states.shape
    rows, tokens = mask.shape[0], mask.shape[-1]
    split = (torch.bmm(states, joined) + joined_bias).view(rows, tokens, 3, heads, hidden // heads)
    query, key, value = split.permute(2, 0, 3, 1, 4)
    scores = (query @ key.transpose(-1, -2)).float() / math.sqrt(hidden // heads) + mask
    context = torch.softmax(scores, dim=-1).to(states.dtype) @ value
    context = context.transpose(1, 2).reshape(members, count, hidden)
    attended = torch.bmm(context, out) + out_bias
    attended = _norm(_dropped(attended, dropout) + states, scale, shift, epsilon)
    widened = functional.gelu(torch.bmm(attended, wide) + wide_bias)
    transformed = torch.bmm(widened, narrow) + narrow_bias
    return _norm(_dropped(transformed, dropout) + attended, last, last_shift, epsilon)


def _embedded(weights: Mapping[str, Tensor], ladder: Ladder, words: Words, disturbance: Disturbance | None) -> Tensor:
    members, batch, tokens = words.ids.shape
    kinds = weights["embeddings.token_type_embeddings.weight"]
    typed = torch.where(words.types.unsqueeze(-1) == 0, kinds[:, None, None, 0], kinds[:, None, None, 1])
    total = ladder.word_table[words.ids] + ladder.position_table[:tokens] + typed
    norm = [weights[f"embeddings.LayerNorm.{part}"] for part in ("weight", "bias")]
    states = _norm(total.reshape(members, batch * tokens, -1), *norm, ladder.shape.epsilon)
    return _dropped(states, disturbance and disturbance.dropout)


def _ramp(
    weights: Mapping[str, Tensor], ramp: str, states: Tensor, real: Tensor, disturbance: Disturbance | None
) -> Tensor:
    """The logits [members, batch, classes] from the [CLS] state and the mean of the real tokens' states."""
    members, batch, tokens = real.shape
    by_row = states.view(members * batch, tokens, -1)
    shares = (real / real.sum(-1, keepdim=True)).to(states.dtype).view(members * batch, 1, tokens)
    read = torch.cat([by_row[:, 0], torch.bmm(shares, by_row)[:, 0]], dim=-1).view(members, batch, -1)
    pooled = torch.baddbmm(weights[f"{ramp}.pooler.bias"], read, weights[f"{ramp}.pooler.weight"])
    pooled = _dropped(torch.tanh(pooled), disturbance and disturbance.ramp_dropout)
    return torch.baddbmm(weights[f"{ramp}.classifiers.bias"], pooled, weights[f"{ramp}.classifiers.weight"])


def _norm(states: Tensor, scale: Tensor, shift: Tensor, epsilon: float) -> Tensor:
    normal = functional.layer_norm(states.float(), states.shape[-1:], eps=epsilon)
    return (normal * scale + shift).to(states.dtype)


def _dropped(states: Tensor, share: Tensor | None) -> Tensor:
    if share is None:
        return states
    kept = torch.rand(states.shape, device=states.device) >= share
    return states * (kept / (1 - share)).to(states.dtype)


@compiled_on_cuda
def _noisy(states: Tensor, deviation: Tensor, tokens: int) -> Tensor:
    size = states.detach().float().square().mean(-1, keepdim=True).sqrt()
    scale = size * deviation.repeat_interleave(tokens, dim=1).unsqueeze(-1)
    return states + (scale * torch.randn(states.shape, device=states.device)).to(states.dtype)


def _linear_shapes(name: str, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (inputs, outputs), f"{name}.bias": (1, outputs)}


def _norm_shapes(name: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (1, width), f"{name}.bias": (1, width)}
