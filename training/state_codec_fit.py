"""Fits a codec to the states after one layer, so that the last exit keeps its decisions at few bytes.

What an error e_t of a token's state does to the last exit is, to first order, its product with the gradient g_t there.
So coordinates are taken in the gradients' mean metric, where equal steps are best at any budget, and a token whose
gradient is large by what its state foretells is given finer steps. A token's coordinates are foretold linearly by those
of the token before, as they are read; the axes are the principal components of what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from training.captured import CapturedBatch
from training.rans import TOTAL
from training.state_codec import CLASSES_A_SPREAD, SPREADS, StateCodec

LEVELS = 10
CLASSES = 56
# Class c is for coordinates of mean magnitude 2^((c - 24) / 4), in steps.
_UNIT_CLASS = 24
# At fineness 0 the mean coordinate is a quarter of a step; where tokens are foretold, it is as many steps as at 96 bytes.
_COARSEST = 0.25
_USUAL = 1.2
# How many steps a magnitude is below the next one where it still counts as that.
_ROUNDING = 0.42
# Weights are squared gradients to this power. 1 would be right if the gradient were known; 0.5 and 1 keep fewer labels.
_POWER = 0.7
# How much of the identity is added to the mean metric, whose trace is the hidden size.
_ISOTROPY = 0.5
_RIDGE = 30.0
_PREDICTOR_RIDGE = 1e-8
# Spreads and the shape that they leave follow from each other.
_SPREAD_ROUNDS = 3
# The share of tokens that share the lowest level because they matter least.
_LEAST = 0.02
_SHAPE_TOKENS = 50_000
# The largest magnitude that any class has.
_LARGEST = 4095


@dataclass(frozen=True)
class Tokens:
    """The real tokens of captured rows, row after row: `states` and `gradients` [tokens, hidden] float32.

    `first` [tokens] bool: those with which a row begins.
    """

    states: Tensor
    gradients: Tensor
    first: Tensor


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
    first = torch.zeros(len(states), dtype=torch.bool)
    first[lengths.cumsum(0) - lengths] = True
    return Tokens(states, gradients * factors[:, None], first)


def fit(tokens: Tokens) -> StateCodec:
    """Fit a codec on captured tokens; the same tokens give the same one."""
    slope, intercept = _log_importance(tokens)
    importance = tokens.states @ slope + intercept
    least, most = np.quantile(importance.numpy(), [_LEAST, 0.999])
    mean, encoder, decoder = _metric(tokens, (_POWER * importance.clamp(least, most)).exp())
    # An octave of squared gradients, to the power, is half an octave of steps: one level.
    per_level = _POWER / np.log(2)
    finer = torch.exp2((per_level * (importance - least)).round().clamp(0, LEVELS - 1).double() / 2)[:, None]
    coordinates = (tokens.states - mean).double() @ encoder
    scale = _COARSEST / (coordinates * finer).abs().mean()
    left = coordinates - _before(coordinates, finer, tokens.first) @ _predictor(coordinates, finer, tokens.first)
    axes = torch.linalg.eigh((left * finer).T @ (left * finer)).eigenvectors.flip(1)
    predictor = _predictor(coordinates @ axes, finer, tokens.first)
    parts = (
        *(mean, encoder @ axes * scale, axes.T @ decoder / scale, predictor),
        *(per_level * slope, per_level * (mean @ slope + intercept - least)),
    )
    *reals, offset = (part.float().numpy().astype(np.float16) for part in parts)
    even = (whole_frequencies(np.ones(LEVELS)), whole_frequencies(np.ones(SPREADS)))
    draft = StateCodec(*reals, offset[()], *even, np.zeros((LEVELS, len(mean)), int), [np.array([TOTAL])])
    return _with_frequencies(draft, tokens)


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


def _metric(tokens: Tokens, weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean [hidden]; the gradients' mean metric's root, which takes states where it is the identity, and its inverse.

    Tokens count by `weights` [tokens].
    """
    mean = (tokens.states * weights[:, None]).sum(0) / weights.sum()
    gradients = (tokens.gradients / weights.sqrt()[:, None]).double()
    metric = gradients.T @ gradients / len(gradients)
    unit = metric.trace() / len(mean)
    values, vectors = torch.linalg.eigh(metric + _ISOTROPY * unit * torch.eye(len(mean), dtype=torch.float64))
    root, inverse = (vectors * values.sqrt()) @ vectors.T, (vectors * values.rsqrt()) @ vectors.T
    return mean, root, inverse


def _before(coordinates: Tensor, finer: Tensor, first: Tensor) -> Tensor:
    """Of each token the coordinates of the one before, rounded to steps of the usual size; none for a first one."""
    steps = (coordinates * finer).abs().mean() / _USUAL / finer
    before = ((coordinates / steps).round() * steps).roll(1, 0)
    before[first] = 0
    return before


def _predictor(coordinates: Tensor, finer: Tensor, first: Tensor) -> Tensor:
    """The matrix [hidden, hidden] that foretells coordinates from those before, by least squares in steps."""
    before = _before(coordinates, finer, first) * finer
    moments = before.T @ before
    moments += _PREDICTOR_RIDGE * moments.trace() * torch.eye(len(moments), dtype=moments.dtype)
    return torch.linalg.solve(moments, before.T @ (coordinates * finer))


def _with_frequencies(draft: StateCodec, tokens: Tokens) -> StateCodec:
    """Put in how levels, spreads and what is left of coordinates are distributed, with the matrices as shipped."""
    all_levels, all_coordinates = (torch.from_numpy(part) for part in draft.coordinates(tokens.states.numpy()))
    before = _before(all_coordinates, torch.exp2(all_levels / 2)[:, None], tokens.first)
    chosen = np.random.default_rng(0).permutation(len(before))[:_SHAPE_TOKENS]
    levels, left = all_levels.numpy()[chosen], all_coordinates.numpy()[chosen] - draft.foretell(before.numpy()[chosen])
    steps = left * np.exp2(levels / 2)[:, np.newaxis]
    classes = _classes(levels, steps)
    level_frequencies = whole_frequencies(np.bincount(all_levels, minlength=LEVELS))
    found, spreads = draft, np.full(len(levels), SPREADS // 2)
    for _ in range(_SPREAD_ROUNDS):
        wider = CLASSES_A_SPREAD * (spreads - SPREADS // 2)[:, np.newaxis]
        shape = np.sort(np.abs(steps / _scale(classes[levels] + wider)), axis=None)
        found = replace(found, level_frequencies=level_frequencies, classes=classes, frequencies=_frequencies(shape))
        spreads, _ = found.spreads_of(levels, left)
        found = replace(found, spread_frequencies=whole_frequencies(np.bincount(spreads, minlength=SPREADS)))
    return found


def _classes(levels: np.ndarray, coordinates: np.ndarray) -> np.ndarray:
    """The class [levels, hidden] of each coordinate's mean magnitude; of levels without tokens, that of the nearest."""
    found = np.unique(levels)
    means = {level: np.abs(coordinates[levels == level]).mean(0) for level in found}
    nearest = [found[np.abs(found - level).argmin()] for level in range(LEVELS)]
    magnitudes = np.maximum([means[level] for level in nearest], 1e-9)
    return np.clip(np.round(4 * np.log2(magnitudes)) + _UNIT_CLASS, 0, CLASSES - 1).astype(int)


def _frequencies(shape: np.ndarray) -> list[np.ndarray]:
    """The frequencies of the values 0, 1, … of every class, up to where hardly any is larger."""
    tables = []
    for scale in _scale(np.arange(CLASSES)):
        largest = min(int(np.ceil(np.quantile(shape, 1 - 1e-6) * scale)) + 1, _LARGEST)
        edges = np.concatenate([[0], np.arange(1, largest + 2) - _ROUNDING]) / scale
        shares = np.diff(np.searchsorted(shape, edges))[1:] / len(shape)
        halves = np.floor(shares / 2 * (TOTAL - 2 * largest - 1)).astype(int) + 1
        tables.append(np.concatenate([[TOTAL - 2 * halves.sum()], halves]))
    return tables


def _scale(classes: np.ndarray) -> np.ndarray:
    return np.exp2((classes - _UNIT_CLASS) / 4)
