"""Where the weights came from, and provenance.json, which tells it beside the manifest."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.data.files import read_json, sha256_of, write_json

TRAINING_FILE = "training.json"
PROVENANCE_FILE = "provenance.json"

_E5_SMALL = {"name": "intfloat/e5-small-v2", "licence": "MIT", "initialisedFrom": "MiniLM-L12-H384-uncased"}

# By the sha256 of model.safetensors: here the float16 copy of the published float32 file.
_ENCODERS = {"5d06138e016ba617f7b5470b16b42fea90d84eae22e47fd839791f7fc482d9fb": _E5_SMALL}

_UNKNOWN: dict[str, Any] = {"status": "weights of unknown origin: no training.json beside them"}

_CAVEAT = "embeddings.onnx gathers from a compressed table and belongs on WASM or the CPU, also where layers use WebGPU"


def describe_encoder(sha256: str) -> dict[str, str]:
    """Return what is known of an encoder by the sha256 of its model.safetensors."""
    return {**_ENCODERS.get(sha256, {"name": "unknown: not listed in training/model/provenance.py"}), "sha256": sha256}


def describe(weights_folder: Path, caveats: Sequence[str] = ()) -> dict[str, Any]:
    """Return the provenance of a weights folder, as training.json in it tells; `caveats`: of its tasks."""
    sha256 = sha256_of(weights_folder / "model.safetensors")
    training = weights_folder / TRAINING_FILE
    known = read_json(training, _UNKNOWN)
    return {
        "status": known["status"],
        "weightsSha256": sha256,
        "tokenizerSha256": sha256_of(weights_folder / "tokenizer.json"),
        **{field: value for field, value in known.items() if field != "status"},
        "calibration": "none yet: temperatures 1, thresholds a placeholder",
        "caveats": [_CAVEAT, *caveats],
    }


def read_provenance(model: Path) -> dict[str, Any]:
    """Read provenance.json of a model folder. Raises FileNotFoundError for an older export, which has none."""
    path = model / PROVENANCE_FILE
    if not path.exists():
        raise FileNotFoundError(f"expected {PROVENANCE_FILE} beside the manifest in {model}; export the model again")
    return read_json(path)


def write_provenance(model: Path, content: dict[str, Any]) -> None:
    """Write provenance.json whole."""
    write_json(model / PROVENANCE_FILE, content)


def describe_calibration(variant: str, prepared: dict[str, Any]) -> str:
    """Return the sentence on how temperatures and policy data were fitted; `prepared` is prepared.json."""
    rule = prepared["calibrationRule"]
    return (
        f"{variant} logits on the calibration split of training.prepare (of each task's train file "
        f"{rule['share']:.0%}, at most {rule['largest']} rows, seed {rule['seed']}; texts shared with it dropped from "
        f"training): temperature of each exit by negative log-likelihood; thresholds: the cheapest at the default "
        f"costs whose loss, predicted from confidence, is within 0.3 points (training/calibration/thresholds.py)"
    )
