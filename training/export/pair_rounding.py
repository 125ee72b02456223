"""Rounding a matrix to 8 bits so that no product saturates and, where the inputs are known, its outputs change least.

ONNX Runtime multiplies u8 activations by s8 weights with `vpmaddubsw` on AVX2 machines without VNNI. It adds the
products of two neighbouring inputs in signed 16 bits and saturates: exact as long as two neighbouring weights of one
output sum to at most 128, since 255 · 128 < 32767, and to at least −128. So a single weight may be up to ±127.
"""

import numpy as np

from training.export.graph import to_half

_LARGEST = 127
_LARGEST_PAIR = 128
# Candidates for a column's scale, times the finest that spans it. A coarser one clips fewer pairs.
_SCALE_STEPS = np.linspace(0.9, 1.5, 7)
_DAMPING = 0.01
_BLOCK = 128


def quantise_pairs(matrix: np.ndarray, moments: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Quantise a matrix [inputs, outputs] to s8 with a scale per output; the number of inputs is even.

    `moments` [inputs, inputs]: the inputs' mean x xᵀ. With it, the error of each weight is made up for in those that
    are rounded later (`_round_to_moments`). Returns (scale float16 [outputs], values int8 [inputs, outputs]); the
    matrix is about scale × values. Neighbouring values of a column sum to −128…128.
    """
    scale = _best_scale(matrix)
    steps = matrix / scale.astype(np.float64)
    values = _round_pairs(steps) if moments is None else _round_to_moments(steps, moments)
    return scale, values.astype(np.int8)


def _best_scale(matrix: np.ndarray) -> np.ndarray:
    """The scale float16 of each column under which `_round_pairs` leaves the smallest squared error."""
    finest = np.abs(matrix).max(axis=0) / _LARGEST
    best = to_half(np.maximum(finest, np.finfo(np.float16).tiny))
    least = np.full(matrix.shape[1], np.inf)
    for step in _SCALE_STEPS:
        scale = to_half(np.maximum(finest * step, np.finfo(np.float16).tiny))
        wide = scale.astype(np.float32)
        error = ((_round_pairs(matrix / wide) * wide - matrix) ** 2).sum(axis=0)
        best = np.where(error < least, scale, best)
        least = np.minimum(error, least)
    return best


def _round_pairs(steps: np.ndarray) -> np.ndarray:
    """The nearest integers, cut to ±127; where a pair sums to too much, each gives half of the excess."""
    pairs = np.clip(np.rint(steps), -_LARGEST, _LARGEST).reshape(-1, 2, steps.shape[1])
    sums = pairs.sum(axis=1)
    excess = sums - np.clip(sums, -_LARGEST_PAIR, _LARGEST_PAIR)
    half = np.trunc(excess / 2)
    return (pairs - np.stack([half, excess - half], axis=1)).reshape(steps.shape)


def _round_to_moments(steps: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Round input by input, the strongest first, and move each error onto inputs not yet rounded (GPTQ, 2210.17323).

    The second of a pair is cut to what the first leaves it.
    """
    moments = moments.astype(np.float64)
    damped = moments + np.eye(len(moments)) * (_DAMPING * np.trace(moments) / len(moments))
    order = np.argsort(-np.diag(damped), kind="stable")
    spread = np.linalg.cholesky(np.linalg.inv(damped[np.ix_(order, order)])).T
    left = steps[order]
    values = np.zeros_like(steps)
    for start in range(0, len(order), _BLOCK):
        block = range(start, min(start + _BLOCK, len(order)))
        errors = np.empty((len(block), steps.shape[1]))
        for row in block:
            partner = values[order[row] ^ 1]
            lowest = np.maximum(-_LARGEST, -_LARGEST_PAIR - np.minimum(partner, 0))
            highest = np.minimum(_LARGEST, _LARGEST_PAIR - np.maximum(partner, 0))
            value = np.clip(np.rint(left[row]), lowest, highest)
            error = (left[row] - value) / spread[row, row]
            left[row + 1 : block.stop] -= np.outer(spread[row, row + 1 : block.stop], error)
            values[order[row]], errors[row - start] = value, error
        left[block.stop :] -= spread[block.start : block.stop, block.stop :].T @ errors
    return values
