"""Where the weights came from, as the manifest tells it."""

import hashlib
from pathlib import Path
from typing import Any

_TRIAL_SHA256 = "aaa57d710237fc46d306704d46e5a3ef44afc72815440fbfbaaf17a790bb46ec"

_TRIAL: dict[str, Any] = {
    "status": "trial weights of a first training run; to be replaced by the project's own",
    "encoder": {
        "name": "intfloat/e5-small-v2",
        "licence": "MIT",
        "initialisedFrom": "MiniLM-L12-H384-uncased",
    },
    "data": (
        "GLUE: SST-2, CoLA, MRPC, RTE complete, random subsets of QQP, QNLI and MNLI train; "
        "SNLI joined to MNLI, extra balanced rows to QQP. The data sets keep their own licences; no text is included."
    ),
    "recipe": (
        "fine-tuned for 1.3 epochs on the seven tasks at once, batches of 48 of one task each, AdamW, peak rate "
        "1.2e-4 with 6 % warm-up and linear decay, no dropout in the body, 0.1 in the ramps, at most 128 tokens; "
        "loss: cross-entropy of every exit weighted by its layer's number, plus half as much distillation from "
        "the last exit (temperature 2); bf16 matrix products"
    ),
}

_UNKNOWN: dict[str, Any] = {"status": "weights of unknown origin: describe them in training/provenance.py"}

_CAVEATS = [
    "q8 logits depend on the batch: activations are quantised over all tokens of a batch, so q8 runs at batch 1",
    "embeddings.onnx gathers from a compressed table and belongs on WASM or the CPU, also where layers use WebGPU",
    "QQP dev is a subset of 7,599 of the 40,430 rows",
]


def describe(weights_folder: Path) -> dict[str, Any]:
    """Return the manifest's provenance for a weights folder, recognised by the sha256 of its model.safetensors."""
    sha256 = hashlib.sha256((weights_folder / "model.safetensors").read_bytes()).hexdigest()
    known = _TRIAL if sha256 == _TRIAL_SHA256 else _UNKNOWN
    return {
        "status": known["status"],
        "weightsSha256": sha256,
        **{field: value for field, value in known.items() if field != "status"},
        "calibration": "none yet: temperatures 1, thresholds a placeholder",
        "caveats": _CAVEATS,
    }


def describe_calibration(variant: str, size: int, seed: int, mobile_layers: int, edge_layers: int, loss: float) -> str:
    """Return the sentence on how temperatures and thresholds were fitted; `loss` is an accuracy from 0 to 1."""
    return (
        f"{variant} logits on up to {size} train rows a task, seed {seed}; temperature of each exit by negative "
        f"log-likelihood; thresholds: the cheapest pair on a 0.005 grid at the default costs, for a cascade that may "
        f"exit after every layer of the mobile tier (1-{mobile_layers}) and of the edge "
        f"({mobile_layers + 1}-{edge_layers}) and else runs to the last, losing at most {loss * 100:.1f} points to "
        f"the last exit on that split. Optimistic where training has seen these rows: the trial weights have seen all "
        f"of train"
    )
