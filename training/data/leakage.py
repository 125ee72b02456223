"""Count dev rows that stand in training data.

Against what training reads (`train_files`, less what `split_rows` drops) and against the calibration rows; a row counts
where all its texts do. Exact: the same characters. Normalised: the same letters and digits, whatever their case. One of
a pair's texts alone may recur: a premise has several hypotheses, a question several passages.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from training.data.rows import read_rows, read_tasks
from training.data.splits import SplitRule, read_split
from training.data.tasks import Row, Task


@dataclass(frozen=True)
class Overlap:
    """How many dev rows stand in other rows whole, and how many share one of their texts with them."""

    exact: int
    normalised: int
    one_text: int


def normalised(text: str) -> str:
    """Return the letters and digits of a text, without case and in compatibility form."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def overlap(dev: Iterable[Row], others: Iterable[Row]) -> Overlap:
    """Count the rows of `dev` that stand in `others`. Of a pair the order of its texts does not matter."""
    dev, others = list(dev), list(others)

    def whole(prepare: Callable[[str], str]) -> int:
        known = {frozenset(map(prepare, row.texts)) for row in others}
        return sum(frozenset(map(prepare, row.texts)) in known for row in dev)

    texts = {normalised(text) for row in others for text in row.texts}
    one_text = sum(any(normalised(text) in texts for text in row.texts) for row in dev)
    return Overlap(whole(str), whole(normalised), one_text)


def print_leakage(data: Path) -> None:
    """Print a line a task: its dev rows, and those found in training and in calibration rows.

    Raises FileNotFoundError for a missing file and ValueError for malformed rows.
    """
    found = ("whole, exact", "whole, normalised", "one text, normalised")
    print(
        "| task | dev rows | "
        + " | ".join(f"{split}: {how}" for split in ("train", "calibration") for how in found)
        + " |"
    )
    print("|---" * 8 + "|")
    for task in read_tasks(data):
        counts = [count for part in _parts(data, task) for count in (part.exact, part.normalised, part.one_text)]
        print(
            f"| {task.name} | {len(read_rows(data, task, 'dev'))} | " + " | ".join(map(str, counts)) + " |", flush=True
        )


def _parts(data: Path, task: Task) -> list[Overlap]:
    split, dev = read_split(data, task, SplitRule()), read_rows(data, task, "dev")
    return [overlap(dev, rows) for rows in (split.train, split.calibration)]
