"""Sentences written for this project (no data set's text), on which every runtime must agree with PyTorch."""

from collections.abc import Sequence
from pathlib import Path

from training.data.files import read_json
from training.data.tasks import Task

_SAMPLES = 4
_GLUE_TEXTS = read_json(Path(__file__).with_suffix(".json"))


def parity_texts(tasks: Sequence[Task]) -> dict[str, list[tuple[str, ...]]]:
    """Return four rows of each task: for GLUE's tasks those of parity_samples.json, else the first of its examples."""
    return {task.key: [tuple(row) for row in _GLUE_TEXTS.get(task.key, task.examples[:_SAMPLES])] for task in tasks}
