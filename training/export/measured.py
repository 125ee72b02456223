"""Measurements of slow commands, kept in the model folder as JSON for the report."""

from pathlib import Path
from typing import Any

from training.data.files import read_json, write_json

QUANTISATION = "quantisation.json"
# Written by training.codecs: {split: {rows, agreementPercent: {layer: {payload: {task: percent}}}}}.
PAYLOADS = "codecs/agreement.json"
# Written by training.shipped: variant, payload, and by task {plan, trace: {path, bytes, sha256}}.
SHIPPED = "shipped.json"
# Written by training.crossing: by points and task {after, rows, keptPercent, lostPoints: {payload: number}}.
CROSSING = "crossing.json"
# Written by training.report --resplit: modelHash, and of every division its cost cut, loss and gain.
RESPLIT = "resplit.json"
# Written by training.report --held-out: modelHash, the means and each task.
HELD_OUT = "held-out.json"
# Written by training.student: modelHash, the means and each task.
STUDENT = "student.json"


def read_measured(model: Path, name: str) -> dict[str, Any]:
    """Return what was kept; empty where nothing was measured yet."""
    path = model / name
    return read_json(path, {})


def write_measured(model: Path, name: str, content: dict[str, Any]) -> None:
    """Replace all that was kept."""
    write_json(model / name, content)


def read_measured_of(model: Path, name: str, model_hash: str) -> dict[str, Any]:
    """Return what was kept, less its modelHash; empty where that was measured on other weights."""
    content = read_measured(model, name)
    return (
        {key: value for key, value in content.items() if key != "modelHash"}
        if content.get("modelHash") == model_hash
        else {}
    )


def keep_measured(model: Path, name: str, entries: dict[str, Any]) -> None:
    """Replace these entries and keep the others."""
    write_json(model / name, read_measured(model, name) | entries)
