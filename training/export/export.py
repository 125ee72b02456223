"""Export trained weights as one ONNX file a layer, with manifest.json and parity.json."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training.data.files import read_json, sha256_of
from training.data.glue import CAVEATS
from training.data.tasks import class_slices
from training.data.tokenise import MAX_TOKENS, encode, load_tokenizer, padded_batches
from training.export.activation_statistics import describe_rows, rows_to_measure, with_input_statistics
from training.export.manifest import new_manifest, write_manifest
from training.export.parity_samples import parity_texts
from training.export.precision import PRECISIONS, Int8Precision, Precision
from training.export.variant_files import write_variant
from training.model.provenance import describe, write_provenance
from training.model.reference import ReferenceModel, load_reference
from training.model.weights import load_weights

FP16_TOLERANCE = 0.002
_PARITY_DIGITS = 6


def export(
    weights_folder: Path, out: Path, prepared: Path | None = None, precisions: Sequence[Precision] = PRECISIONS
) -> None:
    """Write every file of the model folder `out`, whose name becomes the model's id, in these variants.

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
    tokenizer = read_json(weights_folder / "tokenizer.json")
    _write_json(out / "tokenizer.json", tokenizer)
    reference = load_reference(weights_folder)
    rows = rows_to_measure(
        weights.tasks, out / "tokenizer.json", prepared, sha256_of(weights_folder / "tokenizer.json")
    )
    weights = with_input_statistics(weights, reference, rows)
    variants = {precision.name: write_variant(weights, precision, out) for precision in precisions}
    caveats = [CAVEATS[task.key] for task in weights.tasks if task.key in CAVEATS]
    provenance = describe(weights_folder, caveats)
    if Int8Precision.name in variants:
        provenance["quantisation"] = describe_rows(prepared is not None)
    write_provenance(out, provenance)
    write_manifest(out, new_manifest(out, out.name, weights.hidden, MAX_TOKENS, variants, weights.tasks))
    _write_json(out / "parity.json", parity_fixture(reference, out))


def parity_fixture(reference: ReferenceModel, model: Path) -> dict[str, Any]:
    """Return parity.json: our own sentences with their ids and the raw float32 logits of every exit."""
    tokenizer = load_tokenizer(model / "tokenizer.json")
    samples: list[dict[str, Any]] = []
    slices = class_slices(reference.tasks)
    for key, rows in parity_texts(reference.tasks).items():
        start, end = slices[key]
        for texts in rows:
            (encoded,) = encode(tokenizer, [texts])
            (batch,) = padded_batches([encoded], batch_size=1)
            logits = reference.logits(batch)[0, :, start:end]
            samples.append(
                {
                    "task": key,
                    "texts": list(texts),
                    "inputIds": encoded.input_ids,
                    "tokenTypeIds": encoded.token_type_ids,
                    "logits": np.round(logits.astype(np.float64), _PARITY_DIGITS).tolist(),
                }
            )
    return {"model": model.name, "tolerance": {"fp16": FP16_TOLERANCE}, "samples": samples}


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
