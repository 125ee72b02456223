"""Quantisation: how far from the original, and exact integers on every CPU."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto

from training.export.graph import GraphBuilder
from training.export.levelling import channel_factors
from training.export.pair_rounding import quantise_pairs
from training.export.precision import Int8Precision, quantise_rows
from training.model.weights import InputStatistics, Linear, load_weights


def run_graph(graph: GraphBuilder, **inputs: np.ndarray) -> np.ndarray:
    """The first output of a built graph on the CPU."""
    session = onnxruntime.InferenceSession(graph.build().SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


def multiplied(linear: Linear, values: np.ndarray, least: float | None = None) -> np.ndarray:
    """What the q8 product of [batch, tokens, inputs] is, none below `least`."""
    graph = GraphBuilder("product")
    graph.input("value", TensorProto.FLOAT, ["batch", "tokens", values.shape[-1]])
    product = Int8Precision().linear(graph, "linear", "value", linear, least)
    graph.output(product, TensorProto.FLOAT, ["batch", "tokens", linear.bias.size])
    return run_graph(graph, value=values)


def statistics(values: np.ndarray) -> InputStatistics:
    """Of [rows, tokens, inputs]."""
    flat = values.reshape(-1, values.shape[-1])
    return InputStatistics(values.max(axis=1), values.min(axis=1), flat.T @ flat / len(flat))


def correlated_values(random: np.random.Generator, inputs: int) -> np.ndarray:
    """Inputs [8, 25, inputs] of which each is much like others, as in a hidden state."""
    return (random.normal(size=(8, 25, 6)) @ random.normal(size=(6, inputs))).astype(np.float32)


def test_quantised_rows_are_within_half_a_step() -> None:
    table = np.random.default_rng(0).normal(size=(20, 50)).astype(np.float32)
    scale, values = quantise_rows(table)
    assert scale.shape == (20, 1) and np.abs(values).max() == 127
    # A float16 scale may be up to 2^-11 too small, which cuts the largest value by as much.
    assert np.all(np.abs(scale * values.astype(np.float32) - table) <= scale * (0.5 + 127 / 2048))


def test_zero_column_stays_zero() -> None:
    scale, values = quantise_pairs(np.zeros((4, 2), np.float32), np.eye(4))
    assert np.isfinite(scale).all() and not values.any()


@pytest.mark.parametrize("with_moments", [False, True])
def test_no_pair_of_neighbours_exceeds_128(with_moments: bool) -> None:
    random = np.random.default_rng(2)
    # All of one sign: the hardest case, every pair of large ones must give.
    matrix = np.abs(random.normal(size=(64, 30))).astype(np.float32)
    values = correlated_values(random, 64).reshape(-1, 64)
    scale, rounded = quantise_pairs(matrix, values.T @ values if with_moments else None)
    sums = rounded.reshape(32, 2, 30).astype(int).sum(axis=1)
    assert sums.max() == 128 and rounded.max() > 63
    error = np.abs(scale.astype(np.float32) * rounded - matrix).mean()
    assert error < 0.03 * np.abs(matrix).mean()


def test_rounding_to_the_inputs_changes_the_outputs_less() -> None:
    random = np.random.default_rng(3)
    matrix = random.normal(size=(64, 30)).astype(np.float32)
    fitted, fresh = np.split(correlated_values(random, 64), 2)
    fitted, fresh = fitted.reshape(-1, 64), fresh.reshape(-1, 64)

    def error(moments: np.ndarray | None) -> float:
        scale, values = quantise_pairs(matrix, moments)
        return float(np.abs(fresh @ (scale.astype(np.float32) * values - matrix)).mean())

    assert error(fitted.T @ fitted / len(fitted)) < 0.5 * error(None)


def test_outliers_are_levelled_and_others_left() -> None:
    random = np.random.default_rng(4)
    values = random.normal(size=(8, 25, 100)).astype(np.float32)
    values[..., 3] *= 30
    linear = Linear(random.normal(size=(100, 20)).astype(np.float32), np.zeros(20, np.float32), statistics(values))
    factors = channel_factors(linear)
    assert factors[3] < 0.3 and np.all(np.delete(factors, 3) > 0.6) and factors.max() == 1


def test_levels_need_statistics() -> None:
    with pytest.raises(ValueError, match="without statistics"):
        channel_factors(Linear(np.ones((4, 2), np.float32), np.zeros(2, np.float32)))


@pytest.mark.parametrize("rows", [1, 2, 40])
@pytest.mark.parametrize("inputs", [40, 384])
def test_the_largest_pairs_do_not_saturate(inputs: int, rows: int) -> None:
    """The worst case of AVX2's 16-bit pair sums: nearly every activation 255, pairs that sum to ±128."""
    random = np.random.default_rng(5)
    first = random.integers(1, 128, (inputs // 2, 24))
    signs = random.choice([-1, 1], first.shape)
    weight = np.stack([first * signs, (128 - first) * signs], axis=1).reshape(inputs, 24).astype(np.int8)
    activations = np.where(random.random((rows, inputs)) < 0.9, 255, random.integers(0, 256, (rows, inputs)))
    graph = GraphBuilder("worst-case")
    graph.input("value", TensorProto.UINT8, ["rows", inputs])
    sums = graph.node("MatMulInteger", ["value", graph.constant("weight", weight)], "sums")
    graph.output(sums, TensorProto.INT32, ["rows", 24])
    np.testing.assert_array_equal(
        run_graph(graph, value=activations.astype(np.uint8)), activations @ weight.astype(np.int64)
    )


def test_a_loud_token_costs_the_others_nothing() -> None:
    random = np.random.default_rng(6)
    linear = Linear(random.normal(size=(40, 10)).astype(np.float32), np.zeros(10, np.float32))
    values = random.normal(size=(1, 6, 40)).astype(np.float32)
    quiet = np.abs(multiplied(linear, values) - values @ linear.weight)[0, 1:].mean()
    values[0, 0] *= 100
    assert np.abs(multiplied(linear, values) - values @ linear.weight)[0, 1:].mean() < 1.5 * quiet


def test_a_token_of_zeros_gives_the_bias() -> None:
    linear = Linear(np.ones((8, 4), np.float32), np.full(4, 3.0, np.float32))
    np.testing.assert_array_equal(multiplied(linear, np.zeros((1, 2, 8), np.float32)), np.full((1, 2, 4), 3.0))


def test_inputs_of_known_least_are_rounded_to_finer_steps() -> None:
    random = np.random.default_rng(9)
    # Whole numbers that int8 stores as they are, so that all error is the inputs'.
    weight = random.integers(-60, 60, (384, 10)).astype(np.float32)
    weight[0] = 127
    weight[1] = 0
    factors = random.uniform(0.5, 1, 384).astype(np.float16)
    linear = Linear(weight, np.ones(10, np.float32), input_factors=factors)
    values = np.maximum(random.normal(size=(4, 25, 384)), -0.17).astype(np.float32)
    expected = (values * factors) @ weight + 1
    plain, finer = (np.abs(multiplied(linear, values, least) - expected).mean() for least in (None, -0.17))
    assert finer < 0.65 * plain


@pytest.mark.parametrize("least", [None, -0.17])
def test_no_token_changes_a_bit_of_another(least: float | None) -> None:
    random = np.random.default_rng(10)
    linear = Linear(random.normal(size=(40, 10)).astype(np.float32), random.normal(size=10).astype(np.float32))
    values = random.normal(size=(5, 6, 40)).astype(np.float32)
    values[1:, 0] = np.array([1e30, np.inf, -np.inf, np.nan])[:, np.newaxis]
    together = multiplied(linear, values, least)
    for row, token in np.ndindex(5, 6):
        alone = multiplied(linear, values[row : row + 1, token : token + 1], least)
        np.testing.assert_array_equal(together[row, token], alone[0, 0])


def test_the_adapted_layer_is_the_same_in_exact_arithmetic(weights: Path) -> None:
    random = np.random.default_rng(7)
    layer = load_weights(weights).layers[0]
    names = ("query_key_value", "attention_output", "intermediate", "output", "pooler")
    sizes = {name: len(getattr(layer, name).weight) for name in names}
    inputs = {name: random.normal(size=(4, 9, size)).astype(np.float32) for name, size in sizes.items()}
    for values in inputs.values():
        values[..., 5] *= 20
    measured = replace(
        layer, **{name: replace(getattr(layer, name), inputs=statistics(values)) for name, values in inputs.items()}
    )
    adapted = Int8Precision().adapted(measured)
    for name in ("intermediate", "output", "pooler"):
        part = getattr(adapted, name)
        assert part.input_factors.min() < 0.5
        expected = inputs[name] @ getattr(layer, name).weight
        np.testing.assert_allclose((inputs[name] * part.input_factors) @ part.weight, expected, rtol=1e-3, atol=1e-3)
    before = _values(layer.query_key_value, inputs["query_key_value"]) @ layer.attention_output.weight
    levelled = inputs["query_key_value"] * adapted.query_key_value.input_factors
    after = _values(adapted.query_key_value, levelled) @ adapted.attention_output.weight
    np.testing.assert_allclose(after, before, rtol=1e-3, atol=1e-3)


def _values(linear: Linear, values: np.ndarray) -> np.ndarray:
    """The part of query_key_value's output that attention carries on."""
    return (values @ linear.weight + linear.bias)[..., -linear.bias.size // 3 :]
