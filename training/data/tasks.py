"""What a task is: its classes, what it asks, how it is measured, and how several share one row of logits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from training.data.files import read_json


@dataclass(frozen=True)
class Task:
    """One task. `labels`: human words in label-id order; `pair`: whether a row has two texts.

    `question`: what the task asks, in a sentence; `metric`: its headline measure; `examples`: rows of one text or two.
    """

    key: str
    name: str
    labels: tuple[str, ...]
    pair: bool
    question: str = ""
    metric: Literal["accuracy", "f1", "matthews"] = "accuracy"
    examples: tuple[tuple[str, ...], ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return what tasks.json and the manifest say of the task, under its key."""
        return {
            "name": self.name,
            "question": self.question,
            "metric": self.metric,
            "examples": [list(texts) for texts in self.examples],
            "pair": self.pair,
            "labels": list(self.labels),
        }

    @classmethod
    def of(cls, key: str, facts: Mapping[str, Any]) -> Self:
        """Return the task of such facts, of which question, metric and examples may be missing."""
        told = {name: facts[name] for name in ("question", "metric") if name in facts}
        examples = tuple(tuple(texts) for texts in facts.get("examples", ()))
        return cls(key, facts["name"], tuple(facts["labels"]), facts["pair"], examples=examples, **told)


@dataclass(frozen=True)
class Row:
    """One labelled row: one text or a pair, and its gold label id."""

    texts: tuple[str, ...]
    gold: int


def tasks_in(path: Path) -> tuple[Task, ...]:
    """Read the tasks of a JSON file: their facts by key, in the order of the classifiers."""
    return tuple(Task.of(key, facts) for key, facts in read_json(path).items())


def total_classes(tasks: Sequence[Task]) -> int:
    """Return the length of the concatenated logits of all tasks."""
    return sum(len(task.labels) for task in tasks)


def class_slices(tasks: Sequence[Task]) -> dict[str, tuple[int, int]]:
    """Return each task's half-open [start, end) slice of the concatenated logits."""
    slices: dict[str, tuple[int, int]] = {}
    start = 0
    for task in tasks:
        slices[task.key] = (start, start + len(task.labels))
        start += len(task.labels)
    return slices


def select_tasks(tasks: Sequence[Task], keys: str | None) -> list[Task]:
    """Return those named in a comma-separated list, or all for None. Raises ValueError for a key that is no task."""
    if keys is None:
        return list(tasks)
    wanted = keys.split(",")
    expect_keys(tasks, wanted)
    return [task for task in tasks if task.key in wanted]


def expect_keys(tasks: Sequence[Task], keys: Sequence[str]) -> None:
    """Raise ValueError for a key that is none of these tasks."""
    known = sorted(task.key for task in tasks)
    if unknown := [key for key in keys if key not in known]:
        raise ValueError(f"expected task keys among {known}, got {unknown}")
