"""The largest activation of each channel, which tells the q8 variant where the outliers are."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from training.parity_samples import PARITY_TEXTS
from training.reference import ReferenceModel
from training.tokenise import Encoded, padded_batches
from training.weights import LadderWeights

# A BERT's outlier channels are a property of its weights and show on any sentence, so our own few suffice.
PEAK_TEXTS: list[tuple[str, ...]] = [texts for samples in PARITY_TEXTS.values() for texts in samples]


def with_input_peaks(weights: LadderWeights, reference: ReferenceModel, encoded: list[Encoded]) -> LadderWeights:
    """Return the weights with `input_peaks` set on both feed-forward matrices of every layer.

    Only these two read activations whose outliers cost accuracy. Runs the reference on each encoded row.
    """
    encoder_layers = reference.bert.encoder.layer
    peaks = _measure(reference, encoded, [part for layer in encoder_layers for part in _feed_forward(layer)])
    layers = [
        replace(
            layer,
            intermediate=replace(layer.intermediate, input_peaks=peaks[2 * index]),
            output=replace(layer.output, input_peaks=peaks[2 * index + 1]),
        )
        for index, layer in enumerate(weights.layers)
    ]
    return replace(weights, layers=layers)


def _feed_forward(layer: nn.Module) -> tuple[nn.Module, nn.Module]:
    return layer.intermediate.dense, layer.output.dense


def _measure(reference: ReferenceModel, encoded: list[Encoded], modules: list[nn.Module]) -> list[np.ndarray]:
    peaks: list[Tensor] = [torch.zeros(module.in_features) for module in modules]

    def recorder(index: int) -> Callable[[nn.Module, tuple[Tensor]], None]:
        def record(_: nn.Module, inputs: tuple[Tensor]) -> None:
            peaks[index] = torch.maximum(peaks[index], inputs[0].abs().amax(dim=(0, 1)))

        return record

    hooks = [module.register_forward_pre_hook(recorder(index)) for index, module in enumerate(modules)]
    try:
        # One row a batch: padding must not count as an activation.
        for batch in padded_batches(encoded, batch_size=1):
            reference.logits(batch)
    finally:
        for hook in hooks:
            hook.remove()
    return [peak.numpy() for peak in peaks]
