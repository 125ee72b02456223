"""The checks that the config files of all training commands share."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from training.tasks import TASKS


def read_changes(path: Path | None, kind: type) -> dict[str, Any]:
    """Read a JSON object of fields to replace of a dataclass; none without a path. Raises ValueError for an unknown one."""
    changes = {} if path is None else json.loads(path.read_text(encoding="utf-8"))
    known = {entry.name for entry in fields(kind)}
    if unknown := sorted(set(changes) - known):
        raise ValueError(f"expected config fields among {sorted(known)}, got {unknown}")
    return changes


def expect_fields(config: object, checks: Mapping[str, tuple[bool, str]]) -> None:
    """Raise ValueError for the first field whose check fails; `checks`: whether a field is valid, and what it may be."""
    for name, (valid, wanted) in checks.items():
        if not valid:
            raise ValueError(f"expected {name} to be {wanted}, got {getattr(config, name)!r}")


def are_of_tasks(values: Mapping[str, float]) -> bool:
    """Whether these are numbers ≥ 0 by task key."""
    return set(values) <= {task.key for task in TASKS} and min(values.values(), default=0) >= 0


def are_weights(values: object) -> bool:
    """Whether this is a tuple of numbers ≥ 0 that are not all 0."""
    return isinstance(values, tuple) and all(value >= 0 for value in values) and sum(values) > 0
