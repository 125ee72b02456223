"""How weights are stored and multiplied: the two variants `fp16` and `q8`."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from onnx import TensorProto

from training.export.graph import GraphBuilder, to_half
from training.export.levelling import channel_factors, levelled, with_scaled_inputs
from training.export.pair_rounding import quantise_pairs
from training.model.weights import LayerWeights, Linear

# Keeps a token of zeros, which only a made-up hidden state has, from dividing by zero.
_SMALLEST_PEAK = np.array(np.finfo(np.float32).tiny, np.float32)


@dataclass(frozen=True)
class _Steps:
    """How a token becomes unsigned bytes: its largest channel is `count` steps above the byte `zero`."""

    count: int
    zero: int


_SIGNED = _Steps(count=127, zero=128)
_UNSIGNED = _Steps(count=255, zero=0)


class Precision(Protocol):
    """One variant's way to store tables and matrices."""

    name: str
    description: str

    def adapted(self, layer: LayerWeights) -> LayerWeights:
        """Return a layer that computes the same in exact arithmetic and loses less when stored this way."""

    def rows(self, graph: GraphBuilder, name: str, table: np.ndarray, ids: str) -> str:
        """Look up rows of a table [rows, hidden] and return them as float32; the table stays compressed."""

    def linear(self, graph: GraphBuilder, name: str, value: str, linear: Linear, least: float | None = None) -> str:
        """Multiply the last axis by a matrix, add the bias; `least`: what no input lies below, where that is known."""


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

    def linear(self, graph: GraphBuilder, name: str, value: str, linear: Linear, least: float | None = None) -> str:
        """See `Precision.linear`."""
        weight = graph.half_constant(f"{name}.weight", linear.weight)
        bias = graph.half_constant(f"{name}.bias", linear.bias)
        product = graph.node("MatMul", [value, weight], f"{name}.product")
        return graph.node("Add", [product, bias], f"{name}.sum")


class Int8Precision:
    """`q8`: 8-bit integers for weights and, quantised as they arrive, for activations.

    Matrices are rounded so that no product saturates (training/export/pair_rounding.py). Inputs are levelled
    (training/export/levelling.py), then each token is divided by its largest channel, so that it costs the others
    nothing, and rounded to 127 steps either way; where no input lies below a known one, to 255 steps above that. What
    each brings is in docs/experiments.md.
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

    def linear(self, graph: GraphBuilder, name: str, value: str, linear: Linear, least: float | None = None) -> str:
        """See `Precision.linear`; a token's numbers depend on no other token, so not on its batch or padding either."""
        scale, quantised = quantise_pairs(linear.weight, linear.inputs and linear.inputs.moments)
        steps, bias = _SIGNED, linear.bias
        if least is not None:
            steps, bias = _UNSIGNED, bias + least * _product_of_ones(linear, scale, quantised)
            lift = graph.constant(f"{name}.lift", np.array(-least, np.float32))
            value = graph.node("Add", [value, lift], f"{name}.lifted")
        if linear.input_factors is not None:
            factors = graph.half_constant(f"{name}.level", linear.input_factors)
            value = graph.node("Mul", [value, factors], f"{name}.levelled")
        peak = _peak(graph, name, value, steps)
        normal = graph.node("Div", [value, peak], f"{name}.normal")
        step = graph.constant(f"step_{steps.count}", np.array(1 / steps.count, np.float32))
        zero = graph.constant(f"zero_{steps.zero}", np.array(steps.zero, np.uint8))
        rounded = graph.node("QuantizeLinear", [normal, step, zero], f"{name}.input")
        sums = graph.node("MatMulInteger", [rounded, graph.constant(f"{name}.int8", quantised), zero], f"{name}.int32")
        product = graph.node("Mul", [_scaled(graph, name, sums, step, scale), peak], f"{name}.product")
        return graph.node("Add", [product, graph.half_constant(f"{name}.bias", bias)], f"{name}.sum")


def _product_of_ones(linear: Linear, scale: np.ndarray, quantised: np.ndarray) -> np.ndarray:
    """What the quantised matrix makes of an input of ones, without the bias [outputs] float32."""
    ones = np.ones(len(quantised)) if linear.input_factors is None else linear.input_factors.astype(np.float64)
    return ((ones @ quantised) * scale).astype(np.float32)


def _peak(graph: GraphBuilder, name: str, value: str, steps: _Steps) -> str:
    """Each token's largest channel, of its magnitude where some are negative [batch, tokens, 1]."""
    magnitude = graph.node("Abs", [value], f"{name}.magnitude") if steps.zero else value
    largest = graph.node("ReduceMax", [magnitude], f"{name}.largest", axes=[-1], keepdims=1)
    return graph.node("Max", [largest, graph.constant("smallest_peak", _SMALLEST_PEAK)], f"{name}.peak")


def _scaled(graph: GraphBuilder, name: str, sums: str, step: str, scale: np.ndarray) -> str:
    """Sums of MatMulInteger times the step of its inputs and the scale of each output.

    In these nodes ONNX Runtime finds its MatMulIntegerToFloat, which makes one pass of it. It does not find it where
    the step is a constant, which it folds into the scale beforehand; DequantizeLinear of 1 it leaves in place. And with
    each token's peak in place of the step it finds the bias, too, and multiplies that by the peak (1.30, 1.32).
    """
    wide = graph.node("Cast", [sums], f"{name}.wide", to=TensorProto.FLOAT)
    one = graph.constant("one_step", np.array(1, np.int32))
    input_scale = graph.node("DequantizeLinear", [one, step], f"{name}.input_scale")
    scales = graph.node("Mul", [input_scale, graph.half_constant(f"{name}.scale", scale)], f"{name}.scales")
    return graph.node("Mul", [wide, scales], f"{name}.normal_product")


def quantise_rows(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Quantise a table [rows, hidden] to −127…127 with one float16 scale per row.

    Returns (scale float16 [rows, 1], values int8); the table is about scale × values. The values are rounded against
    the float16 scale, so storing the scale in half precision adds no error of its own.
    """
    peak = np.abs(table).max(axis=1, keepdims=True)
    scale = to_half(np.maximum(peak / 127, np.finfo(np.float16).tiny))
    return scale, np.clip(np.rint(table / scale.astype(np.float32)), -127, 127).astype(np.int8)


PRECISIONS: tuple[Precision, ...] = (Int8Precision(), HalfPrecision())
