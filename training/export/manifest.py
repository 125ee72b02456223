"""manifest.json: what a model folder holds, with the sha256 of every file."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from training.data.files import read_json, write_json
from training.data.tasks import Task, class_slices, total_classes

# Python keeps a dict's order, so a manifest that is read, changed in place and written keeps the order of its fields.
Manifest = dict[str, Any]

MANIFEST_FILE = "manifest.json"
UNCALIBRATED_THRESHOLD = 0.9
# What each kind of runtime takes where nobody chose, if the model has it.
_DEFAULT_VARIANT = {"wasm": "q8", "webgpu": "fp16", "native": "q8"}


def file_entry(folder: Path, path: str) -> dict[str, str | int]:
    """Return {path, bytes, sha256} of a file; `path` is relative to the model folder, with forward slashes."""
    content = (folder / path).read_bytes()
    return {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def model_files(manifest: Manifest) -> list[dict[str, Any]]:
    """Return the entries that make up the model: the tokenizer and all variants' files (no traces)."""
    entries = [manifest["tokenizer"]]
    for variant in manifest["variants"].values():
        entries += [variant["embeddings"], *variant["layers"]]
    return entries


def model_hash(entries: Iterable[dict[str, Any]]) -> str:
    """Return the sha256 in hex over a line "<sha256>  <path>" of each entry, ended by a line feed, sorted by path."""
    lines = [f"{entry['sha256']}  {entry['path']}\n" for entry in sorted(entries, key=lambda entry: entry["path"])]
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def new_manifest(
    folder: Path, model_id: str, hidden: int, max_tokens: int, variants: dict[str, Any], tasks: Sequence[Task]
) -> Manifest:
    """Return an uncalibrated manifest (temperatures 1, no traces) for exported files.

    `variants` maps a variant's name to {description, embeddings, layers}, as in the file.
    """
    layers = len(next(iter(variants.values()))["layers"])
    manifest: Manifest = {
        "format": 1,
        "id": model_id,
        "hash": "",
        "layers": layers,
        "hidden": hidden,
        "maxTokens": max_tokens,
        "classes": total_classes(tasks),
        "tokenizer": file_entry(folder, "tokenizer.json"),
        "variants": variants,
        "defaultVariant": {
            runtime: name if name in variants else next(iter(variants)) for runtime, name in _DEFAULT_VARIANT.items()
        },
        "tasks": _uncalibrated_tasks(tasks, layers),
    }
    manifest["hash"] = model_hash(model_files(manifest))
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Read manifest.json of a model folder. Raises ValueError for another format number."""
    manifest = read_json(folder / MANIFEST_FILE)
    if manifest.get("format") != 1:
        raise ValueError(f"expected a manifest of format 1, got {manifest.get('format')!r}; export the model again")
    return manifest


def tasks_of(manifest: Manifest) -> tuple[Task, ...]:
    """Return the model's tasks, in the order of their logits."""
    return tuple(Task.of(key, entry) for key, entry in manifest["tasks"].items())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write manifest.json whole: a reader sees the old file or the new one, never a part."""
    write_json(folder / MANIFEST_FILE, manifest)


def _uncalibrated_tasks(tasks: Sequence[Task], layers: int) -> dict[str, Any]:
    slices = class_slices(tasks)
    return {
        task.key: {
            **task.facts(),
            "logits": list(slices[task.key]),
            "temperatures": [1.0] * layers,
            "thresholds": {"mobile": UNCALIBRATED_THRESHOLD, "edge": UNCALIBRATED_THRESHOLD},
            "traces": {},
        }
        for task in tasks
    }
