"""Measurements of slow commands, kept in the model folder as JSON for the report."""

from pathlib import Path
from typing import Any

from training.data.files import read_json, write_json

QUANTISATION = "quantisation.json"
# Written by training.codecs: {split: {rows, agreementPercent: {layer: {payload: {task: percent}}}}}.
PAYLOADS = "codecs/agreement.json"


def read_measured(model: Path, name: str) -> dict[str, Any]:
    """Return what was kept; empty where nothing was measured yet."""
    path = model / name
    return read_json(path, {})


def keep_measured(model: Path, name: str, entries: dict[str, Any]) -> None:
    """Replace these entries and keep the others."""
    write_json(model / name, read_measured(model, name) | entries)
