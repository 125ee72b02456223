"""Fits a codec to the states after one layer, so that the last exit keeps its decisions at few bytes.

What an error e_t of a token's state does to the last exit is, to first order, its product with the gradient g_t there.
So coordinates are the principal components in the gradients' mean metric, where equal steps are best at any budget, and
a token whose gradient is large by what its state foretells is given finer steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.captured import CapturedBatch
from training.rans import TOTAL
from training.state_codec import ROUNDING, StateCodec

LEVELS = 10
CLASSES = 56
# Class c is for coordinates of mean magnitude 2^((c - 24) / 4), in steps.
_UNIT_CLASS = 24
# At fineness 0 the mean coordinate is a quarter of a step.
_COARSEST = 0.25
# Weights are squared gradients to this power. 1 would be right if the gradient were known; 0.5 and 1 keep fewer labels.
_POWER = 0.7
# How much of the identity is added to the mean metric, whose trace is the hidden size.
_ISOTROPY = 1.0
_RIDGE = 30.0
# The share of tokens that share the lowest level because they matter least.
_LEAST = 0.02
_SHAPE_TOKENS = 10_000
# The largest magnitude that any class has.
_LARGEST = 4095


@dataclass(frozen=True)
class Tokens:
    """The real tokens of captured rows: `states` and `gradients` [tokens, hidden] float32."""

    states: Tensor
    gradients: Tensor


def flatten(batches: Sequence[CapturedBatch], layer: int) -> Tokens:
    """Take one layer's tokens out of captured batches.

    A row whose gradients have more than the median row's norm is scaled down to it: a few rows are so unsteady that
    they would decide everything.
    """
    states = torch.cat([batch.states[layer][batch.mask] for batch in batches]).float()
    norms = torch.cat([(batch.gradients[layer].float() * batch.mask[:, :, None]).norm(dim=(1, 2)) for batch in batches])
    lengths = torch.cat([batch.mask.sum(1) for batch in batches])
    factors = (norms.median() / norms.clamp_min(1e-12)).clamp_max(1).repeat_interleave(lengths)
    gradients = torch.cat([batch.gradients[layer][batch.mask] for batch in batches]).float()
    return Tokens(states, gradients * factors[:, None])


def fit(tokens: Tokens) -> StateCodec:
    """Fit a codec on captured tokens; the same tokens give the same one."""
    slope, intercept = _log_importance(tokens)
    importance = tokens.states @ slope + intercept
    least, most = np.quantile(importance.numpy(), [_LEAST, 0.999])
    mean, encoder, decoder = _coordinates(tokens, (_POWER * importance.clamp(least, most)).exp())
    # An octave of squared gradients, to the power, is half an octave of steps: one level.
    per_level = _POWER / np.log(2)
    levels = (per_level * (importance - least)).round().clamp(0, LEVELS - 1)
    scale = _COARSEST / ((tokens.states - mean) @ encoder * torch.exp2(levels / 2)[:, None]).abs().mean()
    parts = (mean, encoder * scale, decoder / scale, per_level * slope, per_level * (mean @ slope + intercept - least))
    mean16, encoder16, decoder16, importance16, offset16 = (part.numpy().astype(np.float16) for part in parts)

    def codec(level_counts: np.ndarray, classes: np.ndarray, frequencies: list[np.ndarray]) -> StateCodec:
        level_frequencies = whole_frequencies(level_counts)
        return StateCodec(
            mean16, encoder16, decoder16, importance16, offset16[()], level_frequencies, classes, frequencies
        )

    # How levels and coordinates are distributed is only known once the matrices are as they are shipped.
    draft = codec(np.ones(LEVELS), np.zeros((LEVELS, len(mean)), int), [np.array([TOTAL])])
    found, coordinates = draft.analyse(tokens.states.numpy())
    classes = _classes(found, coordinates)
    return codec(np.bincount(found, minlength=LEVELS), classes, _frequencies(_shape(coordinates, classes[found])))


def whole_frequencies(counts: np.ndarray) -> np.ndarray:
    """Return whole numbers of at least 1 that sum to TOTAL, nearly in proportion to `counts`."""
    frequencies = np.floor(counts / counts.sum() * (TOTAL - len(counts))).astype(int) + 1
    frequencies[np.argmax(frequencies)] += TOTAL - frequencies.sum()
    return frequencies


def _log_importance(tokens: Tokens) -> tuple[Tensor, Tensor]:
    """Slope [hidden] and intercept of ln |g|² over the state: least squares with a ridge."""
    squares = tokens.gradients.square().sum(1)
    target = (squares + 1e-4 * squares.mean()).log()
    mean = tokens.states.mean(0)
    centred = tokens.states - mean
    moments = centred.T @ centred + _RIDGE * torch.eye(len(mean))
    slope = torch.linalg.solve(moments, centred.T @ (target - target.mean()))
    return slope, target.mean() - mean @ slope


def _coordinates(tokens: Tokens, weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean [hidden], encoder and decoder [hidden, hidden] for tokens that count by `weights` [tokens]."""
    states = tokens.states.double()
    mean = (states * weights[:, None]).sum(0) / weights.sum()
    centred = states - mean
    covariance = (centred * weights[:, None]).T @ centred / len(states)
    gradients = (tokens.gradients / weights.sqrt()[:, None]).double()
    metric = gradients.T @ gradients / len(states)
    unit = metric.trace() / len(mean)
    values, vectors = torch.linalg.eigh(metric + _ISOTROPY * unit * torch.eye(len(mean), dtype=torch.float64))
    root, inverse = (vectors * values.sqrt()) @ vectors.T, (vectors * values.rsqrt()) @ vectors.T
    components = torch.linalg.eigh(root @ covariance @ root).eigenvectors.flip(1)
    encoder, decoder = root @ components, components.T @ inverse
    return mean.float(), encoder.float(), decoder.float()


def _classes(levels: np.ndarray, coordinates: np.ndarray) -> np.ndarray:
    """The class [levels, hidden] of each coordinate's mean magnitude; of levels without tokens, that of the nearest."""
    found = np.unique(levels)
    means = {level: np.abs(coordinates[levels == level]).mean(0) for level in found}
    nearest = [found[np.abs(found - level).argmin()] for level in range(LEVELS)]
    magnitudes = np.maximum([means[level] for level in nearest], 1e-9)
    return np.clip(np.round(4 * np.log2(magnitudes)) + _UNIT_CLASS, 0, CLASSES - 1).astype(int)


def _shape(coordinates: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Magnitudes of coordinates over what their class stands for, sorted: the one shape of all distributions."""
    chosen = np.random.default_rng(0).permutation(len(coordinates))[:_SHAPE_TOKENS]
    return np.sort(np.abs(coordinates[chosen] / _scale(classes[chosen])), axis=None)


def _frequencies(shape: np.ndarray) -> list[np.ndarray]:
    """The frequencies of the values 0, 1, … of every class, up to where hardly any is larger."""
    tables = []
    for scale in _scale(np.arange(CLASSES)):
        largest = min(int(np.ceil(np.quantile(shape, 1 - 1e-6) * scale)) + 1, _LARGEST)
        edges = np.concatenate([[0], np.arange(1, largest + 2) - ROUNDING]) / scale
        shares = np.diff(np.searchsorted(shape, edges))[1:] / len(shape)
        halves = np.floor(shares / 2 * (TOTAL - 2 * largest - 1)).astype(int) + 1
        tables.append(np.concatenate([[TOTAL - 2 * halves.sum()], halves]))
    return tables


def _scale(classes: np.ndarray) -> np.ndarray:
    return np.exp2((classes - _UNIT_CLASS) / 4)
