"""manifest.json: what a model folder holds, with the sha256 of every file."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from training.files import write_json
from training.tasks import TASKS, class_slices, total_classes

# Python keeps a dict's order, so a manifest that is read, changed in place and written keeps the order of its fields.
Manifest = dict[str, Any]

MANIFEST_FILE = "manifest.json"
UNCALIBRATED_THRESHOLD = 0.9


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
    """Return the sha256 in hex over the lines "<sha256>  <path>\\n" of the entries, sorted by path."""
    lines = [f"{entry['sha256']}  {entry['path']}\n" for entry in sorted(entries, key=lambda entry: entry["path"])]
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def new_manifest(
    folder: Path, model_id: str, hidden: int, max_tokens: int, variants: dict[str, Any], provenance: dict[str, Any]
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
        "classes": total_classes(),
        "tokenizer": file_entry(folder, "tokenizer.json"),
        "variants": variants,
        "tasks": _uncalibrated_tasks(layers),
        "provenance": provenance,
    }
    manifest["hash"] = model_hash(model_files(manifest))
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Read manifest.json of a model folder. Raises ValueError for another format number."""
    manifest = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    if manifest.get("format") != 1:
        raise ValueError(f"expected a manifest of format 1, got {manifest.get('format')!r}; export the model again")
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write manifest.json whole: a reader sees the old file or the new one, never a part."""
    write_json(folder / MANIFEST_FILE, manifest)


def _uncalibrated_tasks(layers: int) -> dict[str, Any]:
    slices = class_slices()
    return {
        task.key: {
            "name": task.name,
            "pair": task.pair,
            "labels": list(task.labels),
            "logits": list(slices[task.key]),
            "temperatures": [1.0] * layers,
            "thresholds": {"mobile": UNCALIBRATED_THRESHOLD, "edge": UNCALIBRATED_THRESHOLD},
            "traces": {},
        }
        for task in TASKS
    }
