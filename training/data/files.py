"""Writing files whole, and knowing them by their sha256."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_json(path: Path, missing: Any = None) -> Any:
    """Return what a JSON file holds; `missing`, where it is given, stands for a file that is not there."""
    return missing if missing is not None and not path.exists() else json.loads(path.read_text(encoding="utf-8"))


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file beside `path`, then rename it: a reader sees the old file or the new one, never a part.

    The content reaches the disk before the name does, so that this holds for a crash of the machine too.
    """
    unfinished = path.with_name(f"{path.name}.tmp")
    with unfinished.open("wb") as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write JSON whole, indented, with a final newline. Raises ValueError for NaN or infinity."""
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
