"""Fits a codec to the states after one layer, so that the last exit keeps its decisions at few bytes.

What an error e_t of a token's state does to the last exit is, to first order, its product with the gradient g_t there.
So coordinates are taken in the gradients' mean metric, where equal steps are best at any budget, and a token whose
gradient is large by what its state foretells is given finer steps. A token's coordinates are foretold linearly by those
of the token before, as they are read, and by a codeword; the axes are the principal components of what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from training.payload.captured import CapturedBatch
from training.payload.state_codec import CLASSES_A_SPREAD, SPREADS, TOTAL, StateCodec

LEVELS = 10
CLASSES = 56
CODEWORDS = 1024
# Class c is for coordinates of mean magnitude 2^((c - 24) / 4), in steps.
_UNIT_CLASS = 24
# How many steps the mean coordinate is: at fineness 0; and of a token from which the next is foretold, about as coarse
# as payloads make it (1.7 is no better).
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
# Where there are few tokens, a codeword for so many.
_TOKENS_A_CODEWORD = 16
# Predictor, codewords, and the weights by which these are near follow from each other.
_CODEBOOK_ROUNDS = 12
_CODEBOOK_TOKENS = 100_000
# A coordinate's weight falls with its variance, which counts as at least this share of the mean one.
_LEAST_VARIANCE = 0.3
# Spreads and the shape that they leave follow from each other.
_SPREAD_ROUNDS = 3
# The share of tokens that share the lowest level because they matter least.
_LEAST = 0.02
_SHAPE_TOKENS = 50_000
# The largest magnitude that any class has.
_LARGEST = 4095


@dataclass(frozen=True)
class Tokens:
    """The real tokens of captured rows, row after row: `states` and `gradients` [tokens, hidden] float64.

    In float32 sums would end in other bits from run to run. `first` [tokens] bool: those with which a row begins.
    """

    states: Tensor
    gradients: Tensor
    first: Tensor


def flatten(batches: Sequence[CapturedBatch], layer: int) -> Tokens:
    """Take one layer's tokens out of captured batches.

    A row whose gradients have more than the median row's norm is scaled down to it: a few rows are so unsteady that
    they would decide everything.
    """
    states = torch.cat([batch.states[layer][batch.mask] for batch in batches]).double()
    norms = torch.cat(
        [(batch.gradients[layer] * batch.mask[:, :, None]).double().norm(dim=(1, 2)) for batch in batches]
    )
    lengths = torch.cat([batch.mask.sum(1) for batch in batches])
    factors = (norms.median() / norms.clamp_min(1e-12)).clamp_max(1).repeat_interleave(lengths)
    gradients = torch.cat([batch.gradients[layer][batch.mask] for batch in batches]).double()
    first = torch.zeros(len(states), dtype=torch.bool)
    first[lengths.cumsum(0) - lengths] = True
    return Tokens(states, gradients * factors[:, None], first)


def fit(tokens: Tokens, codewords: int = CODEWORDS) -> StateCodec:
    """Fit a codec on captured tokens; the same tokens give the same one."""
    slope, intercept = _log_importance(tokens)
    importance = tokens.states @ slope + intercept
    least, most = np.quantile(importance.numpy(), [_LEAST, 0.999])
    mean, encoder, decoder = _metric(tokens, (_POWER * importance.clamp(least, most)).exp())
    # An octave of squared gradients, to the power, is half an octave of steps: one level.
    per_level = _POWER / np.log(2)
    finer = torch.exp2((per_level * (importance - least)).round().clamp(0, LEVELS - 1) / 2)[:, None]
    coordinates = (tokens.states - mean) @ encoder
    scale = _COARSEST / (coordinates * finer).abs().mean()
    before = _before(coordinates, finer, tokens.first)
    chosen = np.random.default_rng(0).permutation(len(coordinates))[:_CODEBOOK_TOKENS]
    count = min(codewords, len(chosen) // _TOKENS_A_CODEWORD)
    book = _codebook(coordinates[chosen], before[chosen], finer[chosen], count)
    axes = book.axes
    parts = (
        *(mean, encoder @ axes * scale, axes.T @ decoder / scale, axes.T @ book.predictor @ axes),
        *(per_level * slope, per_level * (mean @ slope + intercept - least)),
        *(book.weights, book.codewords @ axes * scale),
    )
    *reals, offset, weights, codebook = (part.float().numpy().astype(np.float16) for part in parts)
    even = (whole_frequencies(np.ones(symbols)) for symbols in (len(codebook), LEVELS, SPREADS))
    classes = np.zeros((LEVELS, len(mean)), int)
    draft = StateCodec(*reals, offset[()], weights, codebook, *even, classes, [np.array([TOTAL])])
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
    moments = centred.T @ centred + _RIDGE * torch.eye(len(mean), dtype=centred.dtype)
    slope = torch.linalg.solve(moments, centred.T @ (target - target.mean()))
    return slope, target.mean() - mean @ slope


def _metric(tokens: Tokens, weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean [hidden]; the gradients' mean metric's root, which takes states where it is the identity, and its inverse.

    Tokens count by `weights` [tokens].
    """
    mean = (tokens.states * weights[:, None]).sum(0) / weights.sum()
    gradients = tokens.gradients / weights.sqrt()[:, None]
    metric = gradients.T @ gradients / len(gradients)
    unit = metric.trace() / len(mean)
    values, vectors = torch.linalg.eigh(metric + _ISOTROPY * unit * torch.eye(len(mean), dtype=metric.dtype))
    root, inverse = (vectors * values.sqrt()) @ vectors.T, (vectors * values.rsqrt()) @ vectors.T
    return mean, root, inverse


def _before(coordinates: Tensor, finer: Tensor, first: Tensor) -> Tensor:
    """Of each token the coordinates of the one before, rounded to steps of the usual size; none for a first one."""
    steps = (coordinates * finer).abs().mean() / _USUAL / finer
    before = ((coordinates / steps).round() * steps).roll(1, 0)
    before[first] = 0
    return before


@dataclass(frozen=True)
class _Codebook:
    """`predictor` [hidden, hidden], `codewords` [codewords, hidden]; `axes` [hidden, hidden], a column each.

    `weights` [hidden]: how much differences count along each axis, 1 at most.
    """

    predictor: Tensor
    codewords: Tensor
    axes: Tensor
    weights: Tensor


def _codebook(coordinates: Tensor, before: Tensor, finer: Tensor, count: int) -> _Codebook:
    """Fit predictor and codebook to each other, a round of k-means after each least squares.

    `before`: of each token the coordinates of the one before, as it is read. Expects tokens in no order.
    The bits that are left are about the logarithms of variances along the axes, so nearness is in units of those.
    """
    weighted = (before * finer.square()).T
    moments = weighted @ before
    moments += _PREDICTOR_RIDGE * moments.trace() * torch.eye(len(moments), dtype=moments.dtype)
    solve = torch.linalg.inv(moments) @ weighted
    predictor = solve @ coordinates
    left = coordinates - before @ predictor
    axes, weights = _axes(left * finer)
    codewords = left[:count]
    for _ in range(_CODEBOOK_ROUNDS):
        metric = axes * weights
        nearest = _nearest(left @ metric, codewords @ metric)
        counts = torch.bincount(nearest, minlength=count)[:, None]
        sums = torch.zeros_like(codewords).index_add_(0, nearest, left)
        codewords = torch.where(counts > 0, sums / counts.clamp_min(1), codewords)
        foretold = codewords[nearest]
        predictor = solve @ (coordinates - foretold)
        left = coordinates - before @ predictor
        axes, weights = _axes((left - foretold) * finer)
    return _Codebook(predictor, codewords, axes, weights)


def _axes(left: Tensor) -> tuple[Tensor, Tensor]:
    """Principal components of what is left [tokens, hidden], in steps, the largest first, and weights along them."""
    values, vectors = torch.linalg.eigh(left.T @ left)
    variances = values.clamp_min(0) + _LEAST_VARIANCE * values.mean()
    return vectors.flip(1), (variances / variances.min()).rsqrt().flip(0)


def _nearest(rows: Tensor, codewords: Tensor) -> Tensor:
    """The index of the codeword nearest to each row, [rows]."""
    halves = codewords.square().sum(1) / 2
    return torch.cat([(part @ codewords.T - halves).argmax(1) for part in rows.split(8192)])


def _with_frequencies(draft: StateCodec, tokens: Tokens) -> StateCodec:
    """Put in how levels, spreads and what is left of coordinates are distributed, with the matrices as shipped."""
    all_levels, all_coordinates = (torch.from_numpy(part) for part in draft.coordinates(tokens.states.numpy()))
    before = _before(all_coordinates, torch.exp2(all_levels / 2)[:, None], tokens.first)
    all_left = all_coordinates.numpy() - draft.foretell(before.numpy())
    codewords = draft.nearest(all_left)
    chosen = np.random.default_rng(0).permutation(len(before))[:_SHAPE_TOKENS]
    levels, left = all_levels.numpy()[chosen], (all_left - draft.codebook[codewords].astype(np.float32))[chosen]
    steps = left * np.exp2(levels / 2)[:, np.newaxis]
    classes = _classes(levels, steps)
    found = replace(
        draft,
        codeword_frequencies=whole_frequencies(np.bincount(codewords, minlength=len(draft.codebook))),
        level_frequencies=whole_frequencies(np.bincount(all_levels, minlength=LEVELS)),
    )
    spreads = np.full(len(levels), SPREADS // 2)
    for _ in range(_SPREAD_ROUNDS):
        wider = CLASSES_A_SPREAD * (spreads - SPREADS // 2)[:, np.newaxis]
        shape = np.sort(np.abs(steps / _scale(classes[levels] + wider)), axis=None)
        found = replace(found, classes=classes, frequencies=_frequencies(shape))
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
