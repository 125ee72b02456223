"""Fits a low-rank bottleneck to the states after one layer, so that the last exit keeps its decisions.

What an error e_t of a token's state does to the last exit is, to first order, its product with the gradient g_t there.
So a fit needs no later layers: it minimises squared products over captured tokens. It starts from the principal
components in the gradients' mean metric, where that expectation is least if gradients and states are independent.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from training.bottleneck import Bottleneck
from training.captured import CapturedBatch
from training.quantise import mixed_latents


@dataclass(frozen=True)
class FitConfig:
    """`isotropy`: how much of the identity is added to the mean metric, whose trace is the hidden size.

    The loss sums squares of three things: each token's product, a row's summed products (times `row_weight`), and the
    error in the mean metric (times `metric_weight`), which keeps the fit from learning the rows by heart.
    """

    steps: int = 1500
    batch_rows: int = 64
    rate: float = 3e-4
    isotropy: float = 1.0
    row_weight: float = 0.3
    metric_weight: float = 1.0
    seed: int = 2410


@dataclass(frozen=True)
class Tokens:
    """The real tokens of captured rows, row after row: `states` and `gradients` [tokens, hidden], `lengths` [rows]."""

    states: Tensor
    gradients: Tensor
    lengths: Tensor

    def rows(self, rows: Tensor) -> "Tokens":
        """Return some rows' tokens as float32."""
        lengths = self.lengths[rows]
        starts = (self.lengths.cumsum(0) - self.lengths)[rows]
        within = torch.arange(int(lengths.sum())) - (lengths.cumsum(0) - lengths).repeat_interleave(lengths)
        index = starts.repeat_interleave(lengths) + within
        return Tokens(self.states[index].float(), self.gradients[index].float(), lengths)


def flatten(batches: Sequence[CapturedBatch], layer: int) -> Tokens:
    """Take one layer's tokens out of captured batches.

    A row whose gradients have more than the median row's norm is scaled down to it: a few rows are so unsteady that
    they would decide everything.
    """
    states = torch.cat([batch.states[layer][batch.mask] for batch in batches])
    gradients = torch.cat([batch.gradients[layer][batch.mask] for batch in batches])
    lengths = torch.cat([batch.mask.sum(1) for batch in batches])
    norms = _row_sums(gradients.float().square().sum(1), lengths).sqrt()
    factors = (norms.median() / norms.clamp_min(1e-12)).clamp_max(1)
    return Tokens(states, gradients * factors.repeat_interleave(lengths)[:, None].to(gradients.dtype), lengths)


@dataclass(frozen=True)
class Coordinates:
    """Principal components in a metric, each scaled to variance 1, by importance.

    x = (h - mean) @ into; h = mean + x @ back; an error of x costs the sum of its squares times `costs` [hidden].
    """

    mean: Tensor
    into: Tensor
    back: Tensor
    costs: Tensor


def principal_coordinates(tokens: Tokens, isotropy: float) -> Coordinates:
    """Return the coordinates for the tokens' mean metric, the second moments of their gradients.

    First tokens are left out of it: [CLS] has the steepest gradients but hardly varies in the middle layers.
    """
    states = tokens.states.double()
    mean = states.mean(0)
    centred = states - mean
    covariance = centred.T @ centred / len(states)
    later = torch.ones(len(states), dtype=torch.bool)
    later[tokens.lengths.cumsum(0) - tokens.lengths] = False
    steepness = tokens.gradients[later].double()
    moments = steepness.T @ steepness / len(states)
    unit = moments.trace() / len(mean)
    values, vectors = torch.linalg.eigh(moments + isotropy * unit * torch.eye(len(mean), dtype=torch.float64))
    root, inverse = (vectors * values.sqrt()) @ vectors.T, (vectors * values.rsqrt()) @ vectors.T
    variances, components = torch.linalg.eigh(root @ covariance @ root)
    variances, components = variances.flip(0).clamp_min(1e-12), components.flip(1)
    deviations = variances.sqrt()
    into = (root @ components) / deviations
    back = deviations[:, None] * (components.T @ inverse)
    return Coordinates(*(part.float() for part in (mean, into, back, variances)))


class LowRank(nn.Module):
    """A bottleneck under training, in principal coordinates; begins by keeping the first of them."""

    def __init__(self, coordinates: Coordinates, int8: int, int4: int) -> None:
        super().__init__()
        self._coordinates = coordinates
        self._int8, self._int4 = int8, int4
        hidden, latents = len(coordinates.mean), int8 + int4
        self.encoder = nn.Parameter(torch.eye(hidden, latents))
        self.decoder = nn.Parameter(torch.eye(latents, hidden))
        self.shift = nn.Parameter(torch.zeros(hidden))

    def errors(self, states: Tensor) -> Tensor:
        """Return what the wire adds to states [..., hidden] float32, in the coordinates."""
        inputs = (states - self._coordinates.mean) @ self._coordinates.into
        latents = mixed_latents((inputs - self.shift) @ self.encoder, self._int8)
        return self.shift + latents @ self.decoder - inputs

    def loss(self, tokens: Tokens, config: FitConfig) -> Tensor:
        """Return the loss that `FitConfig` describes, a row, of tokens in float32."""
        errors = self.errors(tokens.states)
        products = (errors * (tokens.gradients @ self._coordinates.back.T)).sum(1)
        decisions = config.row_weight * _row_sums(products, tokens.lengths).square().sum() + products.square().sum()
        metric = (errors.square() @ self._coordinates.costs).sum()
        return (decisions + config.metric_weight * metric) / len(tokens.lengths)

    def forward(self, states: Tensor) -> Tensor:
        """Return the states as they arrive."""
        return states + self.errors(states) @ self._coordinates.back

    @torch.no_grad()
    def bottleneck(self) -> Bottleneck:
        """Return the fitted matrices on the hidden state itself, rounded to float16."""
        coordinates = self._coordinates
        parts = (
            coordinates.mean + self.shift @ coordinates.back,
            coordinates.into @ self.encoder,
            self.decoder @ coordinates.back,
        )
        return Bottleneck(self._int8, self._int4, *(part.numpy().astype(np.float16) for part in parts))


def fit(tokens: Tokens, int8: int, int4: int, config: FitConfig) -> LowRank:
    """Fit a bottleneck on captured tokens; the same tokens, threads and config give the same one."""
    model = LowRank(principal_coordinates(tokens, config.isotropy), int8, int4)
    optimiser = torch.optim.Adam(model.parameters(), betas=(0.9, 0.99))
    generator = torch.Generator().manual_seed(config.seed)
    for step in range(config.steps):
        rows = torch.randint(len(tokens.lengths), (config.batch_rows,), generator=generator)
        loss = model.loss(tokens.rows(rows), config)
        for group in optimiser.param_groups:
            group["lr"] = config.rate * min(1, (step + 1) / 20) * (1 + math.cos(math.pi * step / config.steps)) / 2
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model


def _row_sums(values: Tensor, lengths: Tensor) -> Tensor:
    rows = torch.arange(len(lengths)).repeat_interleave(lengths)
    return torch.zeros(len(lengths), dtype=values.dtype).index_add(0, rows, values)
