"""The ONNX files of one variant."""

from pathlib import Path
from typing import Any

import onnx

from training.data.tokenise import MAX_TOKENS
from training.export.ladder_graphs import build_embeddings, build_layer
from training.export.manifest import file_entry
from training.export.precision import Precision
from training.model.weights import LadderWeights


def write_variant(weights: LadderWeights, precision: Precision, out: Path) -> dict[str, Any]:
    """Write the embeddings and every layer into a folder of `out`; return what the manifest says of them."""
    (out / precision.name).mkdir(exist_ok=True)
    embeddings = f"{precision.name}/embeddings.onnx"
    onnx.save_model(build_embeddings(weights, precision, MAX_TOKENS), out / embeddings)
    layers: list[str] = []
    for layer in range(1, len(weights.layers) + 1):
        layers.append(f"{precision.name}/layer-{layer:02d}.onnx")
        onnx.save_model(build_layer(weights, layer, precision), out / layers[-1])
    return {
        "description": precision.description,
        "embeddings": file_entry(out, embeddings),
        "layers": [file_entry(out, path) for path in layers],
    }
