"""Tokenise every task's train rows once, with a calibration split that training never sees.

Usage: python -m training.prepare --data <glue folder> --encoder <folder> --out <prepared folder>
"""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from training.files import sha256_of, write_json
from training.prepared import FORMAT, PREPARED_FILE, SPLITS, EncodedRows, pack, write_split
from training.splits import SplitRule, read_split, train_files
from training.tasks import TASKS, Row
from training.tokenise import MAX_TOKENS, encode, load_tokenizer


def prepare(data: Path, encoder: Path, out: Path, rule: SplitRule) -> dict[str, Any]:
    """Write train.safetensors, calibration.safetensors and prepared.json; return what the last one holds.

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
    for task in TASKS:
        rows = read_split(data, task, rule)
        splits["train"][task.key] = _tokenised(tokenizer, rows.train)
        splits["calibration"][task.key] = _tokenised(tokenizer, rows.calibration)
        tasks[task.key] = {split: _counts(splits[split][task.key]) for split in SPLITS} | {"dropped": rows.dropped}
        inputs |= {path.relative_to(data).as_posix(): sha256_of(path) for path in train_files(data, task)}
    for split, encoded in splits.items():
        write_split(out, split, encoded)
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


def main() -> None:
    """Parse the arguments, prepare, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="GLUE folder with one folder a task")
    parser.add_argument("--encoder", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--out", type=Path, required=True, help="prepared folder")
    parser.add_argument("--size", type=int, default=2000, help="at most so many calibration rows a task (default 2000)")
    parser.add_argument("--share", type=float, default=0.1, help="and at most this share of a task (default 0.1)")
    parser.add_argument("--seed", type=int, default=2410, help="which rows are drawn (default 2410)")
    arguments = parser.parse_args()
    rule = SplitRule(arguments.size, arguments.share, arguments.seed)
    about = prepare(arguments.data, arguments.encoder, arguments.out, rule)
    for key, counts in about["tasks"].items():
        train, calibration = counts["train"], counts["calibration"]
        print(
            f"{key:5} {train['rows']:6} train rows ({train['tokens']} tokens), "
            f"{calibration['rows']} calibration rows, {counts['dropped']} dropped"
        )


if __name__ == "__main__":
    main()
