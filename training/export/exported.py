"""The PyTorch model back from an exported folder's fp16 files: for what needs gradients, without the weights folder."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor
from transformers import BertConfig

from training.data.tasks import Task
from training.export.manifest import Manifest, tasks_of
from training.model.reference import ReferenceModel

_VARIANT = "fp16"
_NORMS = {"attention_norm": "attention.output.LayerNorm", "next_hidden_state": "output.LayerNorm"}
_LINEARS = {
    "attention_output": "attention.output.dense",
    "intermediate": "intermediate.dense",
    "output": "output.dense",
}


def load_exported(model: Path, manifest: Manifest) -> ReferenceModel:
    """Load an exported model in float32, for inference; it has as many positions as the export kept.

    Raises KeyError, with its name, for a part that the files lack.
    """
    files, tasks = manifest["variants"][_VARIANT], tasks_of(manifest)
    embeddings = _Graph(model / files["embeddings"]["path"])
    layers = [_Graph(model / entry["path"]) for entry in files["layers"]]
    words, positions, types = (embeddings.floats(name) for name in ("word", "position", "token_type"))
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=manifest["hidden"],
        num_hidden_layers=len(layers),
        num_attention_heads=layers[0].heads(),
        intermediate_size=layers[0].floats("intermediate.bias").numel(),
        max_position_embeddings=len(positions),
        type_vocab_size=len(types),
        layer_norm_eps=layers[0].norm_epsilon(),
    )
    ramp_heads = layers[0].floats("ramp_query").shape[1] if layers[0].has("ramp_query") else 0
    tensors = {
        "bert.embeddings.word_embeddings.weight": words,
        "bert.embeddings.position_embeddings.weight": positions,
        "bert.embeddings.token_type_embeddings.weight": types,
        **_norm(embeddings, "hidden_state", "bert.embeddings.LayerNorm"),
    }
    for index, layer in enumerate(layers):
        tensors |= _layer(layer, f"bert.encoder.layer.{index}") | _ramp(layer, f"exit_ramps.{index}", tasks)
    reference = ReferenceModel(config, tasks, ramp_heads=ramp_heads)
    reference.load_state_dict(tensors, strict=True)
    return reference.eval()


class _Graph:
    """The stored numbers of one file, by the names that `ladder_graphs` gives them."""

    def __init__(self, path: Path) -> None:
        self._graph = onnx.load(path).graph
        self._stored = {entry.name: entry for entry in self._graph.initializer}

    def floats(self, name: str) -> Tensor:
        """What is stored as float16 under a name, as float32."""
        return torch.from_numpy(numpy_helper.to_array(self._stored[f"{name}.half"]).astype(np.float32))

    def has(self, name: str) -> bool:
        """Whether something is stored as float16 under a name."""
        return f"{name}.half" in self._stored

    def heads(self) -> int:
        """How many heads attention has: the third number of the shape that the query is given."""
        (shape,) = (node.input[1] for node in self._graph.node if node.output[0] == "query_split")
        return int(numpy_helper.to_array(self._stored[shape])[2])

    def norm_epsilon(self) -> float:
        """What layer normalisation adds to the variance."""
        (found,) = (
            attribute.f
            for node in self._graph.node
            if node.output[0] == "next_hidden_state"
            for attribute in node.attribute
            if attribute.name == "epsilon"
        )
        return found


def _layer(graph: _Graph, prefix: str) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    weights, biases = (graph.floats(f"query_key_value.{part}").chunk(3, dim=-1) for part in ("weight", "bias"))
    for name, weight, bias in zip(("query", "key", "value"), weights, biases, strict=True):
        tensors |= _linear(f"{prefix}.attention.self.{name}", weight, bias)
    for stored, name in _LINEARS.items():
        tensors |= _linear(f"{prefix}.{name}", graph.floats(f"{stored}.weight"), graph.floats(f"{stored}.bias"))
    for stored, name in _NORMS.items():
        tensors |= _norm(graph, stored, f"{prefix}.{name}")
    return tensors


def _ramp(graph: _Graph, prefix: str, tasks: Sequence[Task]) -> dict[str, Tensor]:
    tensors = _linear(f"{prefix}.pooler", graph.floats("pooler.weight"), graph.floats("pooler.bias"))
    if graph.has("ramp_query"):
        tensors[f"{prefix}.query.weight"] = graph.floats("ramp_query").T
        tensors[f"{prefix}.value.weight"] = graph.floats("ramp_value").swapaxes(1, 2).flatten(0, 1)
    sizes = [len(task.labels) for task in tasks]
    weights, biases = (graph.floats(f"classifiers.{part}").split(sizes, dim=-1) for part in ("weight", "bias"))
    for task, weight, bias in zip(tasks, weights, biases, strict=True):
        tensors |= _linear(f"{prefix}.classifiers.{task.key}", weight, bias)
    return tensors


def _linear(name: str, weight: Tensor, bias: Tensor) -> dict[str, Tensor]:
    return {f"{name}.weight": weight.T, f"{name}.bias": bias}


def _norm(graph: _Graph, stored: str, name: str) -> dict[str, Tensor]:
    return {f"{name}.weight": graph.floats(f"{stored}.scale"), f"{name}.bias": graph.floats(f"{stored}.bias")}
