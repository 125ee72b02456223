"""The trained weights as read from disk, arranged layer by layer for the exporter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file

from training.data.files import read_json
from training.data.rows import read_tasks
from training.data.tasks import Task

WEIGHTS_FILE = "model.safetensors"


@dataclass(frozen=True)
class InputStatistics:
    """What a product reads, measured on some rows.

    `highest`, `lowest` [rows, inputs] float32: each channel's extremes over a row's tokens; `moments` [inputs, inputs]
    float32: the mean over all tokens of x xᵀ.
    """

    highest: np.ndarray
    lowest: np.ndarray
    moments: np.ndarray


@dataclass(frozen=True)
class Linear:
    """y = x @ weight + bias; weight [inputs, outputs] float32, bias [outputs] float32.

    `inputs`: statistics of x, where measured. `input_factors` [inputs] float16, where set: x is multiplied by it first,
    and weight and `inputs` are those of the product of both.
    """

    weight: np.ndarray
    bias: np.ndarray
    inputs: InputStatistics | None = None
    input_factors: np.ndarray | None = None


@dataclass(frozen=True)
class Norm:
    """Layer normalisation: scale and bias [hidden] float32."""

    scale: np.ndarray
    bias: np.ndarray


@dataclass(frozen=True)
class EmbeddingWeights:
    """Tables [rows, hidden] float32."""

    word: np.ndarray
    position: np.ndarray
    token_type: np.ndarray
    norm: Norm


@dataclass(frozen=True)
class RampAttention:
    """Attention pooling of an exit ramp: `query` [hidden, heads], `value` [heads, hidden, hidden / heads], float32."""

    query: np.ndarray
    value: np.ndarray


@dataclass(frozen=True)
class LayerWeights:
    """One encoder layer with its exit ramp. `query_key_value` and `classifiers` join their parts by columns.

    Without `ramp_attention` the ramp's pooler reads the [CLS] state and the mean state.
    """

    query_key_value: Linear
    attention_output: Linear
    attention_norm: Norm
    intermediate: Linear
    output: Linear
    output_norm: Norm
    pooler: Linear
    classifiers: Linear
    ramp_attention: RampAttention | None = None


@dataclass(frozen=True)
class LadderWeights:
    """A whole early-exit encoder."""

    heads: int
    norm_epsilon: float
    embeddings: EmbeddingWeights
    layers: list[LayerWeights]
    tasks: tuple[Task, ...]

    @property
    def hidden(self) -> int:
        """The hidden size."""
        return self.embeddings.word.shape[1]


def read_config(folder: Path) -> dict:
    """Read config.json of a weights folder. Raises ValueError where it is not a BERT with exact GELU."""
    config = read_json(folder / "config.json")
    if config.get("model_type") != "bert" or config.get("hidden_act") != "gelu":
        raise ValueError(
            f"expected config.json with model_type 'bert' and hidden_act 'gelu', got "
            f"{config.get('model_type')!r} and {config.get('hidden_act')!r}"
        )
    return config


def read_tensors(folder: Path, file: str = WEIGHTS_FILE) -> dict[str, np.ndarray]:
    """Read a weights file of a folder as float32 arrays, keyed by name."""
    return {name: array.astype(np.float32) for name, array in load_file(folder / file).items()}


def ramp_heads(folder: Path, file: str = WEIGHTS_FILE) -> int:
    """Return how many heads the ramps' attention pooling has in a weights file, 0 where there is none."""
    query = "exit_ramps.0.query.weight"
    with safe_open(folder / file, "np") as tensors:
        return tensors.get_slice(query).get_shape()[0] if query in set(tensors.keys()) else 0


def load_weights(folder: Path) -> LadderWeights:
    """Read config.json and model.safetensors of a folder.

    Raises ValueError for another architecture and KeyError, with its name, for a tensor that is missing.
    """
    return arranged(read_tensors(folder), read_config(folder), read_tasks(folder))


def arranged(tensors: Mapping[str, np.ndarray], config: Mapping[str, Any], tasks: Sequence[Task]) -> LadderWeights:
    """Arrange tensors, named as in model.safetensors, by layer; `config` as in config.json."""
    embeddings = EmbeddingWeights(
        word=tensors["embeddings.word_embeddings.weight"],
        position=tensors["embeddings.position_embeddings.weight"],
        token_type=tensors["embeddings.token_type_embeddings.weight"],
        norm=_norm(tensors, "embeddings.LayerNorm"),
    )
    layers = [_layer(tensors, index, tasks) for index in range(config["num_hidden_layers"])]
    return LadderWeights(config["num_attention_heads"], config["layer_norm_eps"], embeddings, layers, tuple(tasks))


def _layer(tensors: Mapping[str, np.ndarray], index: int, tasks: Sequence[Task]) -> LayerWeights:
    layer, ramp = f"encoder.layer.{index}", f"exit_ramps.{index}"
    attention = f"{layer}.attention.self"
    return LayerWeights(
        query_key_value=_joined(tensors, [f"{attention}.{part}" for part in ("query", "key", "value")]),
        attention_output=_joined(tensors, [f"{layer}.attention.output.dense"]),
        attention_norm=_norm(tensors, f"{layer}.attention.output.LayerNorm"),
        intermediate=_joined(tensors, [f"{layer}.intermediate.dense"]),
        output=_joined(tensors, [f"{layer}.output.dense"]),
        output_norm=_norm(tensors, f"{layer}.output.LayerNorm"),
        pooler=_joined(tensors, [f"{ramp}.pooler"]),
        classifiers=_joined(tensors, [f"{ramp}.classifiers.{task.key}" for task in tasks]),
        ramp_attention=_ramp_attention(tensors, ramp),
    )


def _ramp_attention(tensors: Mapping[str, np.ndarray], ramp: str) -> RampAttention | None:
    query = tensors.get(f"{ramp}.query.weight")
    if query is None:
        return None
    heads, hidden = query.shape
    value = tensors[f"{ramp}.value.weight"].reshape(heads, hidden // heads, hidden)
    return RampAttention(np.ascontiguousarray(query.T), np.ascontiguousarray(value.swapaxes(1, 2)))


def _joined(tensors: Mapping[str, np.ndarray], names: list[str]) -> Linear:
    weight = np.concatenate([tensors[f"{name}.weight"] for name in names]).T
    bias = np.concatenate([tensors[f"{name}.bias"] for name in names])
    return Linear(np.ascontiguousarray(weight), bias)


def _norm(tensors: Mapping[str, np.ndarray], name: str) -> Norm:
    return Norm(tensors[f"{name}.weight"], tensors[f"{name}.bias"])
