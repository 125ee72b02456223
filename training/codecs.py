"""Fit codecs of hidden states for the layers where tiers may split, and measure what payloads do to decisions.

Usage: python -m training.codecs --model public/models/<id> --prepared <prepared folder>
       python -m training.codecs --model public/models/<id> --data <glue folder>

The first fits on train rows, writes codecs/layer-NN.bin, lists them in the manifest and measures agreement on
calibration rows. The second fits nothing: it measures the files that are there on dev rows, for reporting. Both write
their table into codecs/agreement.json, each under its split's name; what --tasks or --layers narrow is printed only.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from training.captured import TaskRow, capture, choose_rows
from training.exported import load_exported
from training.files import write_whole
from training.manifest import Manifest, file_entry, read_manifest, write_manifest
from training.measured import PAYLOADS, keep_measured
from training.payload_agreement import Reconstruction, agreement, carried_by
from training.prepared import read_prepared
from training.quantise import int4_per_group, int8_per_token
from training.reference import ReferenceModel
from training.state_codec import StateCodec, read_codec, write_codec
from training.state_codec_fit import fit, flatten
from training.tasks import TASKS, Task, read_rows, select_tasks
from training.tokenise import MAX_TOKENS, encode, load_tokenizer

# Where a mobile tier of the plans that are worth choosing ends, and where the page's own edge tier does.
LAYERS = (3, 4, 5, 6, 8)
# At most, over the tokens of a row.
BYTES_PER_TOKEN = (216, 96)
FOLDER = "codecs"

_FIT_TOKENS = (8, 64)
_SEED = 2410
_PLAIN: dict[str, Reconstruction] = {"float16": lambda state: state, "int8": int8_per_token, "int4": int4_per_group}

# Of one layer: {payload: {task: percent}}.
LayerAgreement = dict[str, dict[str, float]]


def fit_codecs(out: Path, prepared_folder: Path, rows: int, measured_rows: int, layers: Sequence[int] = LAYERS) -> None:
    """Fit a codec for every layer on up to `rows` train rows a task; write files, table and manifest.

    Agreement is measured on up to `measured_rows` calibration rows a task. Raises ValueError where the prepared rows
    are not this model's.
    """
    manifest = read_manifest(out)
    prepared = read_prepared(prepared_folder)
    if prepared.about["tokenizer"] != manifest["provenance"]["tokenizerSha256"]:
        raise ValueError("expected rows prepared with the tokenizer.json that was exported; prepare them again")
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
    table = _measure(model, out, manifest, chosen, _layers(manifest), TASKS)
    keep_measured(out, PAYLOADS, {"calibration": table})


def measure_dev(
    out: Path, data: Path, measured_rows: int, tasks: Sequence[Task] = TASKS, layers: Sequence[int] | None = None
) -> None:
    """Measure the codecs of a model folder on the first `measured_rows` dev rows of each task.

    The table is stored where it is of all tasks and layers. Raises ValueError for a layer without a codec.
    """
    manifest = read_manifest(out)
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
    if len(tasks) == len(TASKS) and layers is None:
        keep_measured(out, PAYLOADS, {"dev": table})


def _model(out: Path, manifest: Manifest) -> ReferenceModel:
    return load_exported(out, manifest).requires_grad_(False)


def _write(out: Path, layer: int, codec: StateCodec) -> dict[str, Any]:
    """Write one file; return its entry of the manifest."""
    path = f"{FOLDER}/layer-{layer:02d}.bin"
    write_whole(out / path, lambda unfinished: unfinished.write_bytes(write_codec(codec)))
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
        for payload, reconstruct in _payloads(out, manifest, layer).items():
            kept = agreement(model, batches, layer, reconstruct)
            table[str(layer)][payload] = kept
            print(f"layer {layer} {payload:>16}" + "".join(f"{kept[task.key]:8.2f}" for task in tasks), flush=True)
    counts = {task.key: sum(row.task == task.key for row in rows) for task in tasks}
    return {"rows": counts, "agreementPercent": table}


def _payloads(out: Path, manifest: Manifest, layer: int) -> dict[str, Reconstruction]:
    (entry,) = (entry for entry in manifest["codecs"] if entry["layer"] == layer)
    content = (out / entry["file"]["path"]).read_bytes()
    sizes = {size: entry[size] for size in ("codewords", "levels", "classes")}
    codec = read_codec(content, hidden=manifest["hidden"], **sizes)
    return _PLAIN | {f"coded, {size} bytes": carried_by(codec, size) for size in BYTES_PER_TOKEN}


def _say(message: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)


def main() -> None:
    """Parse the arguments; fit, or measure dev."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="model folder with manifest.json")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--prepared", type=Path, help="fit: folder written by training.prepare")
    source.add_argument("--data", type=Path, help="measure only: GLUE folder, whose dev rows are read")
    parser.add_argument("--rows", type=int, default=1000, help="train rows a task to fit on (default 1000)")
    parser.add_argument("--measured-rows", type=int, default=1000, help="rows a task to measure (default 1000)")
    parser.add_argument("--tasks", help="with --data: comma-separated task keys; default: all")
    parser.add_argument("--layers", type=_numbers, help="with --data: comma-separated layers; default: all")
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its choice, or OMP_NUM_THREADS)")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    if arguments.prepared:
        fit_codecs(arguments.model, arguments.prepared, arguments.rows, arguments.measured_rows)
    else:
        tasks = select_tasks(arguments.tasks)
        measure_dev(arguments.model, arguments.data, arguments.measured_rows, tasks, arguments.layers)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    main()
