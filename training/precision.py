"""How weights are stored and multiplied: the two variants `fp16` and `q8`."""

from typing import Protocol

import numpy as np
from onnx import TensorProto

from training.graph import GraphBuilder, to_half
from training.weights import Linear

_LEVEL_QUANTILE = 0.95


class Precision(Protocol):
    """One variant's way to store tables and matrices."""

    name: str
    description: str

    def rows(self, graph: GraphBuilder, name: str, table: np.ndarray, ids: str) -> str:
        """Look up rows of a table [rows, hidden] and return them as float32; the table stays compressed."""

    def linear(self, graph: GraphBuilder, name: str, value: str, linear: Linear) -> str:
        """Multiply the last axis by a matrix, add the bias."""


class HalfPrecision:
    """`fp16`: weights stored as float16, all arithmetic in float32."""

    name = "fp16"
    description = "float16 weights, float32 arithmetic"

    def rows(self, graph: GraphBuilder, name: str, table: np.ndarray, ids: str) -> str:
        """See `Precision.rows`."""
        stored = graph.constant(f"{name}.half", to_half(table))
        gathered = graph.node("Gather", [stored, ids], f"{name}.gathered")
        return graph.node("Cast", [gathered], f"{name}.rows", to=TensorProto.FLOAT)

    def linear(self, graph: GraphBuilder, name: str, value: str, linear: Linear) -> str:
        """See `Precision.linear`."""
        weight = graph.half_constant(f"{name}.weight", linear.weight)
        bias = graph.half_constant(f"{name}.bias", linear.bias)
        product = graph.node("MatMul", [value, weight], f"{name}.product")
        return graph.node("Add", [product, bias], f"{name}.sum")


class Int8Precision:
    """`q8`: 8-bit integers for weights and, quantised as they arrive, for activations.

    Matrices keep 7 bits: u8 × s8 saturates in ONNX Runtime's AVX2 kernel, which adds two products in 16 bits;
    with weights up to 63 the largest pair, 2 × 255 × 63, fits, so every backend computes the same integers.
    Activations that a few outlier channels would stretch are levelled first (see `outlier_levels`).
    The numbers behind both choices are in training/README.md.
    """

    name = "q8"
    description = "8-bit weights and activations, 7-bit matrices with a scale per output channel, int8 embeddings"

    def rows(self, graph: GraphBuilder, name: str, table: np.ndarray, ids: str) -> str:
        """See `Precision.rows`; one scale per row."""
        scale, quantised = quantise_symmetric(table, axis=1, largest=127)
        gathered = graph.node("Gather", [graph.constant(f"{name}.int8", quantised), ids], f"{name}.gathered")
        wide = graph.node("Cast", [gathered], f"{name}.wide", to=TensorProto.FLOAT)
        scales = graph.node("Gather", [graph.constant(f"{name}.scale.half", scale), ids], f"{name}.scale.gathered")
        wide_scales = graph.node("Cast", [scales], f"{name}.scale", to=TensorProto.FLOAT)
        return graph.node("Mul", [wide, wide_scales], f"{name}.rows")

    def linear(self, graph: GraphBuilder, name: str, value: str, linear: Linear) -> str:
        """See `Precision.linear`; ONNX Runtime fuses the last nodes into one DynamicQuantizeMatMul."""
        matrix = linear.weight
        if linear.input_peaks is not None:
            factors = to_half(1 / outlier_levels(linear.input_peaks))
            matrix = matrix / factors.astype(np.float32)[:, np.newaxis]
            value = graph.node("Mul", [value, graph.half_constant(f"{name}.level", factors)], f"{name}.levelled")
        scale, quantised = quantise_symmetric(matrix, axis=0, largest=63)
        weight = graph.constant(f"{name}.int7", quantised)
        weight_scale = graph.half_constant(f"{name}.scale", scale[0])
        bias = graph.half_constant(f"{name}.bias", linear.bias)
        outputs = [f"{name}.input", f"{name}.input_scale", f"{name}.input_zero"]
        activation, activation_scale, activation_zero = graph.nodes("DynamicQuantizeLinear", [value], outputs)
        sums = graph.node("MatMulInteger", [activation, weight, activation_zero], f"{name}.int32")
        wide = graph.node("Cast", [sums], f"{name}.wide", to=TensorProto.FLOAT)
        scales = graph.node("Mul", [activation_scale, weight_scale], f"{name}.scales")
        product = graph.node("Mul", [wide, scales], f"{name}.product")
        return graph.node("Add", [product, bias], f"{name}.sum")


def quantise_symmetric(array: np.ndarray, axis: int, largest: int) -> tuple[np.ndarray, np.ndarray]:
    """Quantise a matrix to −largest…largest with one float16 scale per slice along `axis` (kept as size 1).

    Returns (scale float16, values int8); the matrix is about scale × values. The values are rounded against
    the float16 scale, so storing the scale in half precision adds no error of its own.
    """
    peak = np.abs(array).max(axis=axis, keepdims=True)
    scale = to_half(np.maximum(peak / largest, np.finfo(np.float16).tiny))
    values = np.clip(np.rint(array / scale.astype(np.float32)), -largest, largest)
    return scale, values.astype(np.int8)


def outlier_levels(peaks: np.ndarray) -> np.ndarray:
    """Return the divisor of each input channel, ≥ 1, that brings outliers down to the 95th percentile of `peaks`.

    `peaks` [inputs] float32: the largest absolute activation of each channel. Dividing the activation and
    multiplying the matrix's row leaves the product as it was; the idea is SmoothQuant's (arXiv 2211.10438).
    """
    ceiling = max(float(np.quantile(peaks, _LEVEL_QUANTILE)), float(np.finfo(np.float16).tiny))
    return np.maximum(1.0, peaks / ceiling).astype(np.float32)


PRECISIONS: tuple[Precision, ...] = (Int8Precision(), HalfPrecision())
