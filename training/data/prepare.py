"""Tokenise every task's train rows once, with a calibration split that training never sees."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from training.data.files import sha256_of, write_json
from training.data.prepared import FORMAT, PREPARED_FILE, SPLITS, EncodedRows, pack, write_split
from training.data.rows import read_tasks, write_tasks
from training.data.splits import SplitRule, read_split, train_files
from training.data.tasks import Row
from training.data.tokenise import MAX_TOKENS, encode, load_tokenizer


def prepare(data: Path, encoder: Path, out: Path, rule: SplitRule) -> dict[str, Any]:
    """Write train.safetensors, calibration.safetensors, tasks.json and prepared.json; return what the last one holds.

    Never opens a dev file. The same inputs give the same bytes. Raises ValueError for malformed rows and
    FileNotFoundError for a missing file.
    """
    out.mkdir(parents=True, exist_ok=True)
    # The JSON vouches for the arrays, so an old one goes first.
    (out / PREPARED_FILE).unlink(missing_ok=True)
    tokenizer = load_tokenizer(encoder / "tokenizer.json")
    splits: dict[str, dict[str, EncodedRows]] = {split: {} for split in SPLITS}
    tasks: dict[str, Any] = {}
    inputs: dict[str, str] = {}
    known = read_tasks(data)
    for task in known:
        rows = read_split(data, task, rule)
        splits["train"][task.key] = _tokenised(tokenizer, rows.train)
        splits["calibration"][task.key] = _tokenised(tokenizer, rows.calibration)
        tasks[task.key] = {split: _counts(splits[split][task.key]) for split in SPLITS} | {"dropped": rows.dropped}
        inputs |= {path.relative_to(data).as_posix(): sha256_of(path) for path in train_files(data, task)}
    for split, encoded in splits.items():
        write_split(out, split, encoded)
    write_tasks(out, known)
    about: dict[str, Any] = {
        "format": FORMAT,
        "maxTokens": MAX_TOKENS,
        "calibrationRule": asdict(rule),
        "tasks": tasks,
        "inputs": inputs,
        "tokenizer": sha256_of(encoder / "tokenizer.json"),
        "files": {split: sha256_of(out / f"{split}.safetensors") for split in SPLITS},
    }
    write_json(out / PREPARED_FILE, about)
    return about


def _tokenised(tokenizer: Tokenizer, rows: list[Row]) -> EncodedRows:
    return pack(encode(tokenizer, [row.texts for row in rows]), [row.gold for row in rows])


def _counts(rows: EncodedRows) -> dict[str, int]:
    return {"rows": len(rows), "tokens": int(rows.lengths.sum(dtype=int))}
