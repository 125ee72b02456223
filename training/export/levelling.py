"""Evening out the channels of a product's input, so that a few do not stretch the 8-bit range of all (SmoothQuant)."""

from dataclasses import replace

import numpy as np

from training.export.graph import to_half
from training.model.weights import InputStatistics, Linear

# A channel is divided by (its peak / a quantile of the peaks) to some power, and never multiplied.
_QUANTILES = (0.25, 0.5, 0.75, 0.95)
_POWERS = (0.5, 0.7, 0.85, 1.0)
# How much coarser than 1/127 of a column's largest weight a scale is that `quantise_pairs` chooses, on average.
_SCALE_WIDENING = 1.25


def levelled(linear: Linear) -> Linear:
    """Return the same product with `input_factors` that even out its input; needs `inputs`."""
    factors = channel_factors(linear)
    return replace(with_scaled_inputs(linear, factors), input_factors=factors)


def with_scaled_inputs(linear: Linear, factors: np.ndarray) -> Linear:
    """Return what takes the place of a product whose input will be multiplied by `factors` [inputs] beforehand."""
    wide = factors.astype(np.float32)
    inputs = linear.inputs
    if inputs is not None:
        inputs = InputStatistics(inputs.highest * wide, inputs.lowest * wide, inputs.moments * np.outer(wide, wide))
    return replace(linear, weight=linear.weight / wide[:, np.newaxis], inputs=inputs)


def channel_factors(linear: Linear) -> np.ndarray:
    """Return the factor of each input channel, [inputs] float16 at most 1, that promises the smallest error.

    Raises ValueError for a product without `inputs`.
    """
    if linear.inputs is None:
        raise ValueError("expected a product whose inputs were measured, got one without statistics")
    peaks = np.maximum(np.abs(linear.inputs.highest), np.abs(linear.inputs.lowest)).max(axis=0)
    candidates = [np.ones(peaks.size, np.float16)]
    for quantile in _QUANTILES:
        ceiling = max(float(np.quantile(peaks, quantile)), float(np.finfo(np.float16).tiny))
        candidates += [to_half(np.maximum(1.0, peaks / ceiling) ** -power) for power in _POWERS]
    return min(candidates, key=lambda factors: _expected_error(linear.weight, linear.inputs, factors))


def _expected_error(weight: np.ndarray, inputs: InputStatistics, factors: np.ndarray) -> float:
    """The mean squared error of an output, taking each rounding as uniform noise of one step (variance step² / 12)."""
    wide = factors.astype(np.float32)
    scaled = weight / wide[:, np.newaxis]
    weight_steps = np.abs(scaled).max(axis=0) * (_SCALE_WIDENING / 127)
    spans = np.maximum((inputs.highest * wide).max(axis=1), 0) - np.minimum((inputs.lowest * wide).min(axis=1), 0)
    of_weights = np.mean(weight_steps**2) * np.sum(np.diag(inputs.moments) * wide**2)
    of_inputs = np.mean((spans / 255) ** 2) * np.mean(np.sum(scaled**2, axis=0))
    return float(of_weights + of_inputs) / 12
