"""Fit codecs of hidden states for the layers where tiers may split, and measure what payloads do to decisions.

The first fits on train rows, writes codecs/layer-NN.bin, lists them in the manifest and measures agreement on
calibration rows. The second fits nothing: it measures the files that are there on dev rows, for reporting. Both write
their table into codecs/agreement.json, each under its split's name; what --tasks or --layers narrow is printed only.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from training.calibration.plans import split_layers
from training.data.files import write_whole
from training.data.prepared import read_prepared
from training.data.rows import read_rows
from training.data.tasks import Task
from training.data.tokenise import MAX_TOKENS, encode, load_tokenizer
from training.export.exported import load_exported
from training.export.manifest import Manifest, file_entry, read_manifest, tasks_of, write_manifest
from training.export.measured import PAYLOADS, keep_measured
from training.model.provenance import read_provenance
from training.model.reference import ReferenceModel
from training.payload.captured import TaskRow, capture, choose_rows
from training.payload.label_agreement import Reconstruction, agreement, carried_by
from training.payload.quantise import int4_per_group, int8_per_token
from training.payload.state_codec import StateCodec, read_codec, write_codec
from training.payload.state_codec_fit import fit, flatten

# At most, over the tokens of a row.
BYTES_PER_TOKEN = (216, 96)
FOLDER = "codecs"

_FIT_TOKENS = (8, 64)
_SEED = 2410
_PLAIN: dict[str, Reconstruction] = {"float16": lambda state: state, "int8": int8_per_token, "int4": int4_per_group}

# Of one layer: {payload: {task: percent}}.
LayerAgreement = dict[str, dict[str, float]]


def fit_codecs(
    out: Path, prepared_folder: Path, rows: int, measured_rows: int, layers: Sequence[int] | None = None
) -> None:
    """Fit a codec for each of `layers` (default: `split_layers`) on train rows; write files, table and manifest.

    It is fitted on up to `rows` rows a task. Agreement is measured on up to `measured_rows` calibration rows
    a task. Raises ValueError where the prepared rows are not this model's.
    """
    manifest = read_manifest(out)
    prepared = read_prepared(prepared_folder, read_provenance(out)["tokenizerSha256"])
    layers = layers or split_layers(manifest["layers"])
    model = _model(out, manifest)
    (out / FOLDER).mkdir(exist_ok=True)
    _say(f"running up to {rows} train rows a task")
    generator = torch.Generator().manual_seed(_SEED)
    train = capture(model, choose_rows(prepared.train, rows, _FIT_TOKENS, _SEED), layers, generator)
    entries: list[dict[str, Any]] = []
    for layer in layers:
        tokens = flatten(train, layer)
        _say(f"layer {layer}: {len(tokens.states)} tokens")
        entries.append(_write(out, layer, fit(tokens)))
    del train
    # Read again: another command may have changed the manifest while this one computed.
    manifest = read_manifest(out)
    manifest["codecs"] = entries
    write_manifest(out, manifest)
    chosen = choose_rows(prepared.calibration, measured_rows, (1, MAX_TOKENS), _SEED)
    table = _measure(model, out, manifest, chosen, _layers(manifest), prepared.tasks)
    keep_measured(out, PAYLOADS, {"calibration": table})


def measure_dev(
    out: Path, data: Path, measured_rows: int, tasks: Sequence[Task] | None = None, layers: Sequence[int] | None = None
) -> None:
    """Measure the codecs of a model folder on the first `measured_rows` dev rows of each task.

    The table is stored where it is of all tasks and layers. Raises ValueError for a layer without a codec.
    """
    manifest = read_manifest(out)
    narrowed = tasks is not None and len(tasks) < len(manifest["tasks"])
    tasks = tasks or tasks_of(manifest)
    tokenizer = load_tokenizer(out / "tokenizer.json")
    chosen = [
        TaskRow(task.key, encoded)
        for task in tasks
        for encoded in encode(tokenizer, [row.texts for row in read_rows(data, task, "dev")[:measured_rows]])
    ]
    known = _layers(manifest)
    if missing := set(layers or known) - set(known):
        raise ValueError(f"expected layers among {known}, got {sorted(missing)}")
    table = _measure(_model(out, manifest), out, manifest, chosen, layers or known, tasks)
    if not narrowed and layers is None:
        keep_measured(out, PAYLOADS, {"dev": table})


def _model(out: Path, manifest: Manifest) -> ReferenceModel:
    return load_exported(out, manifest).requires_grad_(False)


def _write(out: Path, layer: int, codec: StateCodec) -> dict[str, Any]:
    """Write one file; return its entry of the manifest."""
    path = f"{FOLDER}/layer-{layer:02d}.bin"
    write_whole(out / path, write_codec(codec))
    return {
        "layer": layer,
        "codewords": len(codec.codebook),
        "levels": len(codec.level_frequencies),
        "classes": len(codec.frequencies),
        "file": file_entry(out, path),
    }


def _layers(manifest: Manifest) -> list[int]:
    return sorted({entry["layer"] for entry in manifest["codecs"]})


def _measure(
    model: ReferenceModel,
    out: Path,
    manifest: Manifest,
    rows: Sequence[TaskRow],
    layers: Sequence[int],
    tasks: Sequence[Task],
) -> dict[str, Any]:
    """Print every layer's agreement as it is known; return all, with how many rows it is of."""
    _say(f"running {len(rows)} rows")
    batches = capture(model, rows, layers)
    print(f"last exit's label kept, percent\n{'':24}" + "".join(f"{task.name:>8}" for task in tasks))
    table: dict[str, LayerAgreement] = {}
    for layer in layers:
        table[str(layer)] = {}
        for payload, reconstruct in payloads_after(out, manifest, layer).items():
            kept = agreement(model, batches, layer, reconstruct)
            table[str(layer)][payload] = kept
            print(f"layer {layer} {payload:>16}" + "".join(f"{kept[task.key]:8.2f}" for task in tasks), flush=True)
    counts = {task.key: sum(row.task == task.key for row in rows) for task in tasks}
    return {"rows": counts, "agreementPercent": table}


def payloads_after(out: Path, manifest: Manifest, layer: int) -> dict[str, Reconstruction]:
    """Return what each payload makes of a hidden state after a layer; coded ones where that has a codec."""
    entry = next((entry for entry in manifest.get("codecs", []) if entry["layer"] == layer), None)
    if entry is None:
        return _PLAIN
    content = (out / entry["file"]["path"]).read_bytes()
    sizes = {size: entry[size] for size in ("codewords", "levels", "classes")}
    codec = read_codec(content, hidden=manifest["hidden"], **sizes)
    return _PLAIN | {f"coded, {size} bytes": carried_by(codec, size) for size in BYTES_PER_TOKEN}


def _say(message: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)
