"""The ONNX graphs of the ladder: the embeddings, and one layer with its exit ramp."""

import math

import numpy as np
import onnx
from onnx import TensorProto

from training.export.graph import GraphBuilder
from training.export.precision import Precision
from training.model.weights import LadderWeights, LayerWeights, Norm, RampAttention

# exp() of it is 0 in float32, and it is finite in float16 too, should a device compute in half precision.
_MASKED = 10000.0
# GELU's minimum is −0.16997.
_LEAST_GELU = -0.17


def build_embeddings(weights: LadderWeights, precision: Precision, max_tokens: int) -> onnx.ModelProto:
    """Build `embeddings.onnx`.

    Inputs `input_ids`, `token_type_ids` [batch, tokens] int32 with tokens ≤ `max_tokens`;
    output `hidden_state` [batch, tokens, hidden] float32.
    """
    graph = GraphBuilder("embeddings")
    input_ids = graph.input("input_ids", TensorProto.INT32, ["batch", "tokens"])
    token_type_ids = graph.input("token_type_ids", TensorProto.INT32, ["batch", "tokens"])
    tables = weights.embeddings

    words = precision.rows(graph, "word", tables.word, input_ids)
    types = graph.node("Gather", [graph.half_constant("token_type", tables.token_type), token_type_ids], "type_rows")
    counts = graph.node("Shape", [input_ids], "token_counts", start=1, end=2)
    tokens = graph.node("Squeeze", [counts, _integers(graph, 0)], "token_count")
    ordinals = graph.node("Range", [_scalar(graph, 0), tokens, _scalar(graph, 1)], "ordinals")
    positions = precision.rows(graph, "position", tables.position[:max_tokens], ordinals)
    total = graph.node("Add", [graph.node("Add", [words, types], "word_and_type"), positions], "embedding_sum")
    _layer_norm(graph, "hidden_state", total, tables.norm, weights.norm_epsilon)
    graph.output("hidden_state", TensorProto.FLOAT, ["batch", "tokens", weights.hidden])
    return graph.build()


def build_layer(weights: LadderWeights, layer: int, precision: Precision) -> onnx.ModelProto:
    """Build the file of one layer (1-based) with its exit ramp.

    Inputs `hidden_state` [batch, tokens, hidden] float32, `attention_mask` [batch, tokens] int32 (1 = real token);
    outputs `next_hidden_state`, shaped like the input (ONNX forbids an output with an input's name), and
    `logits` [batch, classes of all tasks] float32.
    """
    parts = precision.adapted(weights.layers[layer - 1])
    graph = GraphBuilder(f"layer-{layer:02d}")
    state = graph.input("hidden_state", TensorProto.FLOAT, ["batch", "tokens", weights.hidden])
    mask = graph.input("attention_mask", TensorProto.INT32, ["batch", "tokens"])
    real = graph.node("Cast", [mask], "real_tokens", to=TensorProto.FLOAT)

    mask_row = _mask_row(graph, real)
    context = _attention(graph, weights, parts, precision, state, mask_row)
    attended = precision.linear(graph, "attention_output", context, parts.attention_output)
    attended = graph.node("Add", [attended, state], "attention_residual")
    attended = _layer_norm(graph, "attention_norm", attended, parts.attention_norm, weights.norm_epsilon)

    widened = precision.linear(graph, "intermediate", attended, parts.intermediate)
    transformed = precision.linear(graph, "output", _gelu(graph, widened), parts.output, least=_LEAST_GELU)
    transformed = graph.node("Add", [transformed, attended], "output_residual")
    state = _layer_norm(graph, "next_hidden_state", transformed, parts.output_norm, weights.norm_epsilon)

    if parts.ramp_attention is None:
        read = _first_and_mean(graph, state, real)
    else:
        read = _pooled_by_attention(graph, parts.ramp_attention, state, mask_row)
    _exit_ramp(graph, parts, precision, read)
    graph.output("next_hidden_state", TensorProto.FLOAT, ["batch", "tokens", weights.hidden])
    graph.output("logits", TensorProto.FLOAT, ["batch", parts.classifiers.bias.size])
    return graph.build()


def _attention(
    graph: GraphBuilder, weights: LadderWeights, parts: LayerWeights, precision: Precision, state: str, mask_row: str
) -> str:
    size = weights.hidden // weights.heads
    joined = precision.linear(graph, "query_key_value", state, parts.query_key_value)
    query, key, value = graph.nodes("Split", [joined], ["query", "key", "value"], axis=-1)
    query = _heads(graph, "query", query, weights.heads, size, [0, 2, 1, 3])
    key = _heads(graph, "key", key, weights.heads, size, [0, 2, 3, 1])
    value = _heads(graph, "value", value, weights.heads, size, [0, 2, 1, 3])

    masked = graph.node("Unsqueeze", [mask_row, _integers(graph, 1, 2)], "mask_bias")

    scores = graph.node("MatMul", [query, key], "scores")
    scores = graph.node("Mul", [scores, _number(graph, "score_scale", 1 / math.sqrt(size))], "scaled_scores")
    scores = graph.node("Add", [scores, masked], "masked_scores")
    attention = graph.node("Softmax", [scores], "attention", axis=-1)
    context = graph.node("MatMul", [attention, value], "context_heads")
    context = graph.node("Transpose", [context], "context_tokens", perm=[0, 2, 1, 3])
    return graph.node("Reshape", [context, _integers(graph, 0, 0, weights.hidden)], "context")


def _mask_row(graph: GraphBuilder, real: str) -> str:
    """What is added to a token's scores [batch, tokens]: 0 for a real one."""
    masked = graph.node("Sub", [real, _number(graph, "one", 1.0)], "minus_padding")
    return graph.node("Mul", [masked, _number(graph, "masked", _MASKED)], "mask_row")


def _heads(graph: GraphBuilder, name: str, value: str, heads: int, size: int, order: list[int]) -> str:
    split = graph.node("Reshape", [value, _integers(graph, 0, 0, heads, size)], f"{name}_split")
    return graph.node("Transpose", [split], f"{name}_heads", perm=order)


def _gelu(graph: GraphBuilder, value: str) -> str:
    # Written out with Erf, the form that ONNX Runtime fuses on every backend; the Gelu operator needs opset 20.
    scaled = graph.node("Div", [value, _number(graph, "root_two", math.sqrt(2))], "gelu_scaled")
    shifted = graph.node("Add", [graph.node("Erf", [scaled], "gelu_erf"), _number(graph, "one", 1.0)], "gelu_shifted")
    product = graph.node("Mul", [value, shifted], "gelu_product")
    return graph.node("Mul", [product, _number(graph, "half", 0.5)], "gelu")


def _first_and_mean(graph: GraphBuilder, state: str, real: str) -> str:
    weighted = graph.node("Unsqueeze", [real, _integers(graph, 2)], "token_weights")
    weighted = graph.node("Mul", [state, weighted], "real_states")
    state_sum = graph.node("ReduceSum", [weighted, _integers(graph, 1)], "state_sum", keepdims=0)
    count = graph.node("ReduceSum", [real, _integers(graph, 1)], "real_count", keepdims=1)
    mean = graph.node("Div", [state_sum, count], "mean_state")
    first = graph.node("Slice", [state, _integers(graph, 0), _integers(graph, 1), _integers(graph, 1)], "first_token")
    first = graph.node("Squeeze", [first, _integers(graph, 1)], "first_state")
    return graph.node("Concat", [first, mean], "ramp_input", axis=-1)


def _pooled_by_attention(graph: GraphBuilder, attention: RampAttention, state: str, mask_row: str) -> str:
    # Queries and values are stored in half precision in every variant: MatMulInteger's matrices have no axis of heads.
    heads, hidden, _ = attention.value.shape
    query = graph.half_constant("ramp_query", attention.query)
    scores = graph.node("MatMul", [state, query], "ramp_scores")
    masked = graph.node("Unsqueeze", [mask_row, _integers(graph, 2)], "ramp_mask")
    scores = graph.node("Add", [scores, masked], "ramp_masked_scores")
    scores = graph.node("Transpose", [scores], "ramp_head_scores", perm=[0, 2, 1])
    weights = graph.node("Softmax", [scores], "ramp_attention", axis=-1)
    means = graph.node("MatMul", [weights, state], "ramp_means")
    means = graph.node("Reshape", [means, _integers(graph, 0, heads, 1, hidden)], "ramp_rows")
    value = graph.half_constant("ramp_value", attention.value)
    values = graph.node("MatMul", [means, value], "ramp_values")
    return graph.node("Reshape", [values, _integers(graph, 0, hidden)], "ramp_input")


def _exit_ramp(graph: GraphBuilder, parts: LayerWeights, precision: Precision, read: str) -> None:
    pooled = graph.node("Tanh", [precision.linear(graph, "pooler", read, parts.pooler)], "pooled")
    # The classifiers are 0.3 % of a layer's bytes, so every variant keeps them in half precision.
    weight = graph.half_constant("classifiers.weight", parts.classifiers.weight)
    bias = graph.half_constant("classifiers.bias", parts.classifiers.bias)
    graph.node("Add", [graph.node("MatMul", [pooled, weight], "class_products"), bias], "logits")


def _layer_norm(graph: GraphBuilder, output: str, value: str, norm: Norm, epsilon: float) -> str:
    scale = graph.half_constant(f"{output}.scale", norm.scale)
    bias = graph.half_constant(f"{output}.bias", norm.bias)
    return graph.node("LayerNormalization", [value, scale, bias], output, axis=-1, epsilon=epsilon)


def _integers(graph: GraphBuilder, *values: int) -> str:
    return graph.constant("integers_" + "_".join(str(value) for value in values), np.array(values, np.int64))


def _scalar(graph: GraphBuilder, value: int) -> str:
    return graph.constant(f"scalar_{value}", np.array(value, np.int64))


def _number(graph: GraphBuilder, name: str, value: float) -> str:
    return graph.constant(name, np.array(value, np.float32))
