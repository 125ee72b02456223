"""Between weights files, with a matrix a part and [outputs, inputs], and the parameters of a stack."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.data.glue import TASKS
from training.model.weights import ramp_heads, read_config, read_tensors
from training.stacked.model import Ladder, LadderShape, parameter_shapes

_WORDS = "embeddings.word_embeddings.weight"
_POSITIONS = "embeddings.position_embeddings.weight"
_TYPES = "embeddings.token_type_embeddings.weight"


def read_ladder(encoder: Path, device: torch.device) -> Ladder:
    """Read what all members share: products in bfloat16 on an accelerator, in float32 on a CPU.

    Raises ValueError for another architecture.
    """
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    tensors = read_tensors(encoder)
    return Ladder(
        ladder_shape(encoder),
        *(torch.from_numpy(tensors[name]).to(device, dtype) for name in (_WORDS, _POSITIONS)),
    )


def ladder_shape(folder: Path) -> LadderShape:
    """Return the sizes in config.json of a folder. Raises ValueError for another architecture."""
    config = read_config(folder)
    return LadderShape(
        layers=config["num_hidden_layers"],
        hidden=config["hidden_size"],
        heads=config["num_attention_heads"],
        intermediate=config["intermediate_size"],
        epsilon=config["layer_norm_eps"],
    )


def start_from_encoder(encoder: Path, shape: LadderShape, members: int, seed: int) -> dict[str, Tensor]:
    """Return a stack's first parameters: the encoder's for all, [1, …], and ramps of each member's own, [members, …].

    Ramps start as `torch.nn.Linear` draws its matrices, with biases of 0.
    """
    random = torch.Generator().manual_seed(seed)
    tensors = read_tensors(encoder)
    first = {}
    for name, wanted in parameter_shapes(shape).items():
        if not name.startswith("exit_ramps."):
            first[name] = _parameter(tensors, name)
        elif name.endswith(".bias"):
            first[name] = torch.zeros(members, *wanted)
        else:
            first[name] = (torch.rand(members, *wanted, generator=random) * 2 - 1) / math.sqrt(wanted[0])
    return first


def start_from_weights(folder: Path, encoder: Path) -> dict[str, Tensor]:
    """Return a stack's first parameters, [1, …] each, from a weights folder with exit ramps.

    Raises ValueError where its sizes or its word or position tables are not the encoder's, and for ramps with
    attention pooling, which a stack does not have.
    """
    shape = ladder_shape(encoder)
    if ramp_heads(folder):
        raise ValueError(
            "expected --init weights as training.distil wrote them, got weights that training.ramps changed"
        )
    tensors, frozen = read_tensors(folder), read_tensors(encoder)
    if ladder_shape(folder) != shape or any(not np.array_equal(tensors[n], frozen[n]) for n in (_WORDS, _POSITIONS)):
        raise ValueError(
            "expected --init weights with the encoder's sizes, words and positions, since these do not learn here: "
            "weights that training.distil wrote from the same encoder"
        )
    return {name: _parameter(tensors, name) for name in parameter_shapes(shape)}


def stored_parameters(parameters: Mapping[str, Tensor], encoder: Path) -> dict[str, Tensor]:
    """Return the tensors of a weights file, named and stored as `reference.stored_tensors` does: contiguous float16.

    `parameters`: one member's, without the members' axis; words and positions are the encoder's.
    """
    frozen = read_tensors(encoder)
    stored = {name: torch.from_numpy(frozen[name]) for name in (_WORDS, _POSITIONS)}
    for name, value in parameters.items():
        parts = _stored_names(name)
        if name == _TYPES:
            stored[name] = value
        elif name.endswith(".weight") and len(value) > 1:
            stored |= zip(parts, value.T.split(_part_sizes(name, value.shape[1])), strict=True)
        else:
            stored |= zip(parts, value[0].split(_part_sizes(name, value.shape[1])), strict=True)
    return {name: value.to("cpu", torch.float16).contiguous() for name, value in stored.items()}


def _parameter(tensors: Mapping[str, np.ndarray], name: str) -> Tensor:
    """A parameter [1, …] as `parameter_shapes` tells; a vector has one row."""
    value = torch.from_numpy(np.concatenate([tensors[part] for part in _stored_names(name)]))
    if value.dim() == 1:
        return value.view(1, 1, -1)
    return (value if name == _TYPES else value.T).unsqueeze(0)


def _stored_names(name: str) -> list[str]:
    """The names in a weights file of the parts that follow one another in a parameter's outputs."""
    if ".query_key_value." in name:
        return [name.replace("query_key_value", part) for part in ("query", "key", "value")]
    if ".classifiers." in name:
        return [name.replace("classifiers", f"classifiers.{task.key}") for task in TASKS]
    return [name]


def _part_sizes(name: str, outputs: int) -> list[int]:
    if ".classifiers." in name:
        return [len(task.labels) for task in TASKS]
    parts = len(_stored_names(name))
    return [outputs // parts] * parts
