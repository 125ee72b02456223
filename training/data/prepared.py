"""The prepared folder: token ids of every task's rows as flat arrays, and a JSON that says what they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save

from training.data.files import read_json, sha256_of
from training.data.rows import read_tasks
from training.data.tasks import Task
from training.data.tokenise import Encoded

PREPARED_FILE = "prepared.json"
SPLITS = ("train", "calibration")
FORMAT = 1
_FIELDS = ("input_ids", "lengths", "first_lengths", "gold")


@dataclass(frozen=True)
class EncodedRows:
    """One task's rows of one split.

    `input_ids` [all tokens] uint16, row after row; `lengths` [rows] uint16; `first_lengths` [rows] uint16: how many
    tokens of a row have type 0 (the others have 1); `gold` [rows] uint8 label ids.
    """

    input_ids: np.ndarray
    lengths: np.ndarray
    first_lengths: np.ndarray
    gold: np.ndarray

    def __len__(self) -> int:
        return len(self.lengths)

    def encoded(self, row: int) -> Encoded:
        """Return one row with its special tokens."""
        length, first = int(self.lengths[row]), int(self.first_lengths[row])
        end = int(self._ends[row])
        return Encoded(self.input_ids[end - length : end].tolist(), [0] * first + [1] * (length - first))

    def all_encoded(self, rows: Iterable[int] | None = None) -> list[Encoded]:
        """Return these rows, or all, in order."""
        return [self.encoded(int(row)) for row in (range(len(self)) if rows is None else rows)]

    def select(self, rows: Sequence[int]) -> "EncodedRows":
        """Return a copy of some rows, in the order given."""
        return pack(self.all_encoded(rows), [int(self.gold[row]) for row in rows])

    @cached_property
    def _ends(self) -> np.ndarray:
        return np.cumsum(self.lengths, dtype=np.int64)


def pack(encoded: Sequence[Encoded], gold: Sequence[int]) -> EncodedRows:
    """Pack tokenised rows. Raises ValueError for a token id that 16 bits cannot hold."""
    ids = np.array([token for row in encoded for token in row.input_ids], np.int64)
    if ids.size and ids.max() > np.iinfo(np.uint16).max:
        raise ValueError(f"expected token ids up to {np.iinfo(np.uint16).max}, got {ids.max()}")
    return EncodedRows(
        input_ids=ids.astype(np.uint16),
        lengths=np.array([len(row.input_ids) for row in encoded], np.uint16),
        first_lengths=np.array([row.token_type_ids.count(0) for row in encoded], np.uint16),
        gold=np.array(gold, np.uint8),
    )


def write_split(folder: Path, split: str, tasks: dict[str, EncodedRows]) -> None:
    """Write <split>.safetensors, with tensors named <task>.<field>; the same rows give the same bytes."""
    tensors = {f"{task}.{field}": getattr(rows, field) for task, rows in tasks.items() for field in _FIELDS}
    (folder / f"{split}.safetensors").write_bytes(save(tensors))


@dataclass(frozen=True)
class Prepared:
    """A prepared folder as read: `about` is prepared.json, the splits are keyed by task."""

    about: dict[str, Any]
    tasks: tuple[Task, ...]
    train: dict[str, EncodedRows]
    calibration: dict[str, EncodedRows]


def read_prepared(folder: Path, tokenizer: str | None = None) -> Prepared:
    """Read a prepared folder; `tokenizer`: the sha256 of the tokenizer.json that its rows are to be used with.

    Raises ValueError for another format or tokenizer, or where a file's sha256 is not the one in prepared.json.
    """
    about = read_json(folder / PREPARED_FILE)
    if about.get("format") != FORMAT:
        raise ValueError(f"expected prepared data of format {FORMAT}, got {about.get('format')!r}; prepare it again")
    if tokenizer not in (None, about["tokenizer"]):
        raise ValueError("expected rows prepared with the tokenizer.json of this model; prepare them again")
    for split in SPLITS:
        actual = sha256_of(folder / f"{split}.safetensors")
        if actual != about["files"][split]:
            raise ValueError(
                f"expected {split}.safetensors with sha256 {about['files'][split]}, got {actual}; prepare it again"
            )
    splits = (_read_split(folder / f"{split}.safetensors", list(about["tasks"])) for split in SPLITS)
    return Prepared(about, read_tasks(folder), *splits)


def _read_split(path: Path, tasks: list[str]) -> dict[str, EncodedRows]:
    tensors = load_file(path)
    return {task: EncodedRows(*(tensors[f"{task}.{field}"] for field in _FIELDS)) for task in tasks}
