"""Where the weights came from, as the manifest tells it."""

import json
from pathlib import Path
from typing import Any

from training.files import sha256_of

TRAINING_FILE = "training.json"

_E5_SMALL = {"name": "intfloat/e5-small-v2", "licence": "MIT", "initialisedFrom": "MiniLM-L12-H384-uncased"}

# By the sha256 of model.safetensors: here the float16 copy of the published float32 file.
_ENCODERS = {"5d06138e016ba617f7b5470b16b42fea90d84eae22e47fd839791f7fc482d9fb": _E5_SMALL}

_UNKNOWN: dict[str, Any] = {"status": "weights of unknown origin: no training.json beside them"}

_CAVEATS = [
    "q8 logits depend on the batch: activations are quantised over all tokens of a batch, so q8 runs at batch 1",
    "embeddings.onnx gathers from a compressed table and belongs on WASM or the CPU, also where layers use WebGPU",
    "QQP dev is a subset of 7,599 of the 40,430 rows",
]


def describe_encoder(sha256: str) -> dict[str, str]:
    """Return what is known of an encoder by the sha256 of its model.safetensors."""
    return {**_ENCODERS.get(sha256, {"name": "unknown: not listed in training/provenance.py"}), "sha256": sha256}


def describe(weights_folder: Path) -> dict[str, Any]:
    """Return the manifest's provenance for a weights folder, as training.json in it tells."""
    sha256 = sha256_of(weights_folder / "model.safetensors")
    training = weights_folder / TRAINING_FILE
    known = json.loads(training.read_text(encoding="utf-8")) if training.exists() else _UNKNOWN
    return {
        "status": known["status"],
        "weightsSha256": sha256,
        "tokenizerSha256": sha256_of(weights_folder / "tokenizer.json"),
        **{field: value for field, value in known.items() if field != "status"},
        "calibration": "none yet: temperatures 1, thresholds a placeholder",
        "caveats": _CAVEATS,
    }


def describe_calibration(variant: str, prepared: dict[str, Any]) -> str:
    """Return the sentence on how temperatures and policy data were fitted; `prepared` is prepared.json."""
    rule = prepared["calibrationRule"]
    return (
        f"{variant} logits on the calibration split of training.prepare (of each task's train file "
        f"{rule['share']:.0%}, at most {rule['largest']} rows, seed {rule['seed']}; texts shared with it dropped from "
        f"training): temperature of each exit by negative log-likelihood; thresholds: the cheapest "
        f"at the default costs whose loss, predicted from confidence, is within 0.3 points (training/thresholds.py)"
    )
