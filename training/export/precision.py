"""How weights are stored and multiplied: the two variants `fp16` and `q8`."""

from dataclasses import replace
from typing import Protocol

import numpy as np
from onnx import TensorProto

from training.export.graph import GraphBuilder, to_half
from training.export.levelling import channel_factors, levelled, with_scaled_inputs
from training.export.pair_rounding import quantise_pairs
from training.model.weights import LayerWeights, Linear

# Keeps a token of zeros, which only a made-up hidden state has, from dividing by zero.
_SMALLEST_PEAK = np.array(np.finfo(np.float32).tiny, np.float32)


class Precision(Protocol):
    """One variant's way to store tables and matrices."""

    name: str
    description: str

    def adapted(self, layer: LayerWeights) -> LayerWeights:
        """Return a layer that computes the same in exact arithmetic and loses less when stored this way."""

    def rows(self, graph: GraphBuilder, name: str, table: np.ndarray, ids: str) -> str:
        """Look up rows of a table [rows, hidden] and return them as float32; the table stays compressed."""

    def linear(self, graph: GraphBuilder, name: str, value: str, linear: Linear) -> str:
        """Multiply the last axis by a matrix, add the bias."""


class HalfPrecision:
    """`fp16`: weights stored as float16, all arithmetic in float32."""

    name = "fp16"
    description = "float16 weights, float32 arithmetic"

    def adapted(self, layer: LayerWeights) -> LayerWeights:
        """See `Precision.adapted`; nothing to gain here."""
        return layer

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

    Matrices are rounded so that no product saturates (training/export/pair_rounding.py). Inputs are levelled
    (training/export/levelling.py), then each token is divided by its largest channel, so that a loud token costs the
    others nothing. What each brings is in docs/experiments.md.
    """

    name = "q8"
    description = "8-bit weights and activations, a scale per output channel and per row of the embeddings"

    def adapted(self, layer: LayerWeights) -> LayerWeights:
        """See `Precision.adapted`; levels the inputs of all products whose inputs were measured.

        Attention mixes tokens and not channels, so `attention_output` gets its input levelled by the columns of
        `query_key_value` that make the values, without a product of its own.
        """
        reader, maker = layer.attention_output, layer.query_key_value
        if reader.inputs is not None:
            factors = channel_factors(reader)
            columns = np.ones(maker.bias.size, np.float32)
            columns[-factors.size :] = factors
            maker = replace(maker, weight=maker.weight * columns, bias=maker.bias * columns)
            layer = replace(layer, query_key_value=maker, attention_output=with_scaled_inputs(reader, factors))
        parts = {name: getattr(layer, name) for name in ("query_key_value", "intermediate", "output", "pooler")}
        return replace(layer, **{name: levelled(part) for name, part in parts.items() if part.inputs is not None})

    def rows(self, graph: GraphBuilder, name: str, table: np.ndarray, ids: str) -> str:
        """See `Precision.rows`; one scale per row."""
        scale, quantised = quantise_rows(table)
        gathered = graph.node("Gather", [graph.constant(f"{name}.int8", quantised), ids], f"{name}.gathered")
        wide = graph.node("Cast", [gathered], f"{name}.wide", to=TensorProto.FLOAT)
        scales = graph.node("Gather", [graph.constant(f"{name}.scale.half", scale), ids], f"{name}.scale.gathered")
        wide_scales = graph.node("Cast", [scales], f"{name}.scale", to=TensorProto.FLOAT)
        return graph.node("Mul", [wide, wide_scales], f"{name}.rows")

    def linear(self, graph: GraphBuilder, name: str, value: str, linear: Linear) -> str:
        """See `Precision.linear`; ONNX Runtime fuses the nodes of `normal_product` into one DynamicQuantizeMatMul."""
        if linear.input_factors is not None:
            factors = graph.half_constant(f"{name}.level", linear.input_factors)
            value = graph.node("Mul", [value, factors], f"{name}.levelled")
        scale, quantised = quantise_pairs(linear.weight, linear.inputs and linear.inputs.moments)
        weight = graph.constant(f"{name}.int8", quantised)
        weight_scale = graph.half_constant(f"{name}.scale", scale)
        bias = graph.half_constant(f"{name}.bias", linear.bias)
        magnitude = graph.node("Abs", [value], f"{name}.magnitude")
        largest = graph.node("ReduceMax", [magnitude], f"{name}.largest", axes=[-1], keepdims=1)
        peak = graph.node("Max", [largest, graph.constant("smallest_peak", _SMALLEST_PEAK)], f"{name}.peak")
        value = graph.node("Div", [value, peak], f"{name}.normal")
        outputs = [f"{name}.input", f"{name}.input_scale", f"{name}.input_zero"]
        activation, activation_scale, activation_zero = graph.nodes("DynamicQuantizeLinear", [value], outputs)
        sums = graph.node("MatMulInteger", [activation, weight, activation_zero], f"{name}.int32")
        wide = graph.node("Cast", [sums], f"{name}.wide", to=TensorProto.FLOAT)
        scales = graph.node("Mul", [activation_scale, weight_scale], f"{name}.scales")
        normal = graph.node("Mul", [wide, scales], f"{name}.normal_product")
        product = graph.node("Mul", [normal, peak], f"{name}.product")
        return graph.node("Add", [product, bias], f"{name}.sum")


def quantise_rows(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Quantise a table [rows, hidden] to −127…127 with one float16 scale per row.

    Returns (scale float16 [rows, 1], values int8); the table is about scale × values. The values are rounded against
    the float16 scale, so storing the scale in half precision adds no error of its own.
    """
    peak = np.abs(table).max(axis=1, keepdims=True)
    scale = to_half(np.maximum(peak / 127, np.finfo(np.float16).tiny))
    return scale, np.clip(np.rint(table / scale.astype(np.float32)), -127, 127).astype(np.int8)


PRECISIONS: tuple[Precision, ...] = (Int8Precision(), HalfPrecision())
