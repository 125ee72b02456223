"""Quantisation: how far from the original, and exact integers on every CPU."""

import numpy as np
import onnxruntime
from onnx import TensorProto

from training.graph import GraphBuilder
from training.precision import Int8Precision, outlier_levels, quantise_symmetric
from training.weights import Linear


def test_quantised_matrix_is_within_half_a_step() -> None:
    matrix = np.random.default_rng(0).normal(size=(50, 20)).astype(np.float32)
    scale, values = quantise_symmetric(matrix, axis=0, largest=63)
    assert scale.shape == (1, 20) and np.abs(values).max() == 63
    # A float16 scale may be up to 2^-11 too small, which cuts the largest value by as much.
    assert np.all(np.abs(scale * values.astype(np.float32) - matrix) <= scale * (0.5 + 63 / 2048))


def test_zero_channel_stays_zero() -> None:
    scale, values = quantise_symmetric(np.zeros((4, 2), np.float32), axis=0, largest=63)
    assert np.isfinite(scale).all() and not values.any()


def test_outlier_levels_touch_only_the_outliers() -> None:
    peaks = np.ones(100, np.float32)
    peaks[3] = 30
    levels = outlier_levels(peaks)
    assert levels[3] == 30 and np.all(np.delete(levels, 3) == 1)


def test_largest_products_do_not_saturate() -> None:
    """The worst case of AVX2's 16-bit pair sums: every activation 255, every weight at its largest."""
    graph = GraphBuilder("worst-case")
    graph.input("value", TensorProto.FLOAT, ["batch", "tokens", 8])
    linear = Linear(np.full((8, 4), 2.0, np.float32), np.zeros(4, np.float32))
    product = Int8Precision().linear(graph, "linear", "value", linear)
    graph.output(product, TensorProto.FLOAT, ["batch", "tokens", 4])
    session = onnxruntime.InferenceSession(graph.build().SerializeToString(), providers=["CPUExecutionProvider"])
    (actual,) = session.run(None, {"value": np.full((1, 2, 8), 5.0, np.float32)})
    np.testing.assert_allclose(actual, 5.0 * 2.0 * 8, rtol=1e-3)


def test_levelling_keeps_the_product() -> None:
    random = np.random.default_rng(1)
    values = random.normal(size=(1, 6, 40)).astype(np.float32)
    values[..., 7] *= 40
    weight, bias = random.normal(size=(40, 10)).astype(np.float32), np.zeros(10, np.float32)
    errors = []
    for peaks in (None, np.abs(values).max(axis=(0, 1))):
        graph = GraphBuilder("levelled")
        graph.input("value", TensorProto.FLOAT, ["batch", "tokens", 40])
        product = Int8Precision().linear(graph, "linear", "value", Linear(weight, bias, peaks))
        graph.output(product, TensorProto.FLOAT, ["batch", "tokens", 10])
        session = onnxruntime.InferenceSession(graph.build().SerializeToString(), providers=["CPUExecutionProvider"])
        errors.append(np.abs(session.run(None, {"value": values})[0] - values @ weight).mean())
    assert errors[1] < errors[0]
