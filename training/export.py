"""Export trained weights as one ONNX file a layer, with manifest.json and parity.json.

Usage: python -m training.export --weights <weights folder> --out public/models/<id> [--prepared <prepared folder>]
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from training.activation_statistics import OWN_TEXTS, SAMPLE_SEED, SAMPLE_SIZE, sample_rows, with_input_statistics
from training.files import sha256_of
from training.ladder_graphs import build_embeddings, build_layer
from training.manifest import file_entry, new_manifest, write_manifest
from training.parity_samples import PARITY_TEXTS
from training.precision import PRECISIONS, Precision
from training.prepared import read_prepared
from training.provenance import describe
from training.reference import ReferenceModel, load_reference
from training.tasks import TASKS, class_slices
from training.tokenise import MAX_TOKENS, Encoded, encode, load_tokenizer, padded_batches
from training.weights import LadderWeights, load_weights

FP16_TOLERANCE = 0.002
_PARITY_DIGITS = 6


def export(weights_folder: Path, out: Path, prepared: Path | None = None) -> None:
    """Write every file of the model folder `out`, whose name becomes the model's id.

    Replaces the manifest, so calibration and traces must be made again. q8 is fitted to what its products read: on
    rows of the prepared folder's train split, else on our own sentences. Raises ValueError or KeyError where the
    weights folder does not hold a BERT with exit ramps, has fewer positions than 128 tokens, or another tokenizer than
    the rows were prepared with.
    """
    weights = load_weights(weights_folder)
    positions = weights.embeddings.position.shape[0]
    if positions < MAX_TOKENS:
        raise ValueError(f"expected at least {MAX_TOKENS} position embeddings, got {positions}")
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = json.loads((weights_folder / "tokenizer.json").read_text(encoding="utf-8"))
    _write_json(out / "tokenizer.json", tokenizer)
    reference = load_reference(weights_folder)
    rows = _own_rows(out) if prepared is None else _train_rows(prepared, weights_folder)
    weights = with_input_statistics(weights, reference, rows)
    variants = {precision.name: _export_variant(weights, precision, out) for precision in PRECISIONS}
    provenance = describe(weights_folder) | {"quantisation": _describe_quantisation(prepared is not None)}
    manifest = new_manifest(out, out.name, weights.hidden, MAX_TOKENS, variants, provenance)
    write_manifest(out, manifest)
    _write_json(out / "parity.json", parity_fixture(reference, out))


def parity_fixture(reference: ReferenceModel, model: Path) -> dict[str, Any]:
    """Return parity.json: our own sentences with their ids and the raw float32 logits of every exit."""
    tokenizer = load_tokenizer(model / "tokenizer.json")
    samples: list[dict[str, Any]] = []
    for task in TASKS:
        start, end = class_slices()[task.key]
        for texts in PARITY_TEXTS[task.key]:
            (encoded,) = encode(tokenizer, [texts])
            (batch,) = padded_batches([encoded], batch_size=1)
            logits = reference.logits(batch)[0, :, start:end]
            samples.append(
                {
                    "task": task.key,
                    "texts": list(texts),
                    "inputIds": encoded.input_ids,
                    "tokenTypeIds": encoded.token_type_ids,
                    "logits": np.round(logits.astype(np.float64), _PARITY_DIGITS).tolist(),
                }
            )
    return {"model": model.name, "tolerance": {"fp16": FP16_TOLERANCE}, "samples": samples}


def _own_rows(model: Path) -> list[Encoded]:
    return encode(load_tokenizer(model / "tokenizer.json"), OWN_TEXTS)


def _train_rows(prepared: Path, weights_folder: Path) -> list[Encoded]:
    read = read_prepared(prepared)
    if read.about["tokenizer"] != sha256_of(weights_folder / "tokenizer.json"):
        raise ValueError("expected rows prepared with the tokenizer.json of the weights folder; prepare them again")
    return sample_rows(read.train)


def _describe_quantisation(from_train: bool) -> str:
    train = f"{SAMPLE_SIZE} seeded rows of each task's train split (seed {SAMPLE_SEED})"
    rows = train if from_train else "this project's own sentences (training/parity_samples.py)"
    return f"q8: inputs levelled and matrices rounded by what the float32 model computes on {rows}"


def _export_variant(weights: LadderWeights, precision: Precision, out: Path) -> dict[str, Any]:
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


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def main() -> None:
    """Parse the arguments and export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True, help="config.json, model.safetensors, tokenizer.json")
    parser.add_argument("--out", type=Path, required=True, help="model folder; its name becomes the model's id")
    parser.add_argument("--prepared", type=Path, help="training.prepare's folder, whose train rows q8 is fitted to")
    arguments = parser.parse_args()
    export(arguments.weights, arguments.out, arguments.prepared)


if __name__ == "__main__":
    main()
