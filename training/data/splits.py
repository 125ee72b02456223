"""What training may see, and the calibration rows that it must never see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.data.glue import EXTRA_FILES
from training.data.rows import parse_rows, task_folder
from training.data.tasks import Row, Task


@dataclass(frozen=True)
class SplitRule:
    """How many official train rows are set aside: the smaller of `largest` and `share` of those eligible."""

    largest: int = 2000
    share: float = 0.1
    seed: int = 2410


@dataclass(frozen=True)
class TaskSplit:
    """One task's rows. `dropped`: official and extra rows left out because a calibration row holds their text."""

    train: list[Row]
    calibration: list[Row]
    dropped: int


def train_files(data: Path, task: Task) -> list[Path]:
    """Return the task's own train file and, where there is one, its extra file."""
    extra = [data.joinpath(*EXTRA_FILES[task.key])] if task.key in EXTRA_FILES else []
    return [task_folder(data, task) / "train.tsv", *extra]


def read_split(data: Path, task: Task, rule: SplitRule) -> TaskSplit:
    """Read a task's train rows and split them; the same files and rule give the same split.

    Raises ValueError for malformed rows and FileNotFoundError for a missing file.
    """
    official, *extra = (parse_rows(path, task) for path in train_files(data, task))
    return split_rows(official, [row for rows in extra for row in rows], rule)


def split_rows(official: Sequence[Row], extra: Sequence[Row], rule: SplitRule) -> TaskSplit:
    """Draw the calibration rows from the official ones and drop what would leak them from the rest.

    Single texts: SST-2's train file holds every phrase of its sentences, dev whole sentences only. So only rows
    that are no part of another row are eligible, and all parts of a drawn row are dropped. Pairs: every row
    that shares either text with a drawn row is dropped. Letter case and spacing do not tell texts apart.
    """
    eligible = _whole_texts(official) if official and len(official[0].texts) == 1 else list(range(len(official)))
    size = min(rule.largest, int(len(eligible) * rule.share))
    drawn = np.random.default_rng(rule.seed).permutation(len(eligible))[:size]
    chosen = sorted(eligible[index] for index in drawn)
    calibration = [official[index] for index in chosen]
    held: set[tuple[str, ...]] = set()
    for row in calibration:
        for text in row.texts:
            words = _words(text)
            held.update([words, *_parts(words)] if len(row.texts) == 1 else [words])
    taken = set(chosen)
    others = [row for index, row in enumerate(official) if index not in taken] + list(extra)
    train = [row for row in others if not any(_words(text) in held for text in row.texts)]
    return TaskSplit(train, calibration, len(others) - len(train))


def _whole_texts(rows: Sequence[Row]) -> list[int]:
    """The indices of rows whose text is no part of another row's."""
    texts = [_words(row.texts[0]) for row in rows]
    parts = {part for words in set(texts) for part in _parts(words)}
    return [index for index, words in enumerate(texts) if words not in parts]


def _parts(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """All runs of neighbouring words shorter than the whole."""
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            if end - start < len(words):
                yield words[start:end]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.lower().split())
