"""The trace file: every exit's logits on a split, as columns behind a JSON header.

Bytes 0–3 "DMTR"; uint32 version 1; uint32 header length; the header as UTF-8 JSON, padded with spaces so that
the payload starts at a multiple of 8; then the columns, each at a multiple of 8 from the payload's start.
All numbers are little-endian.
"""

import json
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

MAGIC = b"DMTR"
VERSION = 1
_PREFIX = struct.Struct("<4sII")
_ALIGNMENT = 8
_COLUMNS = {
    "logits": "float16",
    "gold": "uint8",
    "tokens": "uint16",
    "saturation": "float16",
    "pool_distances": "float16",
    "dynamics_distances": "float16",
    "dev_rows": "uint32",
}
_DTYPES = {"float16": "<f2", "uint8": "u1", "uint16": "<u2", "uint32": "<u4"}


@dataclass(frozen=True)
class Trace:
    """One task's split in its original order; no text.

    `logits` [rows, layers, classes] float16, raw (before temperature); `gold` [rows] uint8; `tokens` [rows] uint16,
    special tokens included. Columns that a file may lack: `saturation` [rows, layers] float16, the cosine of the mean
    states before and after a layer; `pool_distances` and `dynamics_distances` [rows, 3] float16, of the embedding
    to the centroids of `pools.POOLS`, DIMEE's and DIMEC-DC's; `dev_rows` [rows] uint32, which row of the dev split each
    was made of, from 0 on.
    """

    task: str
    split: str
    model: str
    logits: np.ndarray
    gold: np.ndarray
    tokens: np.ndarray
    saturation: np.ndarray | None = None
    pool_distances: np.ndarray | None = None
    dynamics_distances: np.ndarray | None = None
    dev_rows: np.ndarray | None = None


def encode_trace(trace: Trace) -> bytes:
    """Return the file's bytes. Raises ValueError where the columns' lengths differ or a logit overflows float16."""
    rows, layers, classes = trace.logits.shape
    columns: list[dict[str, Any]] = []
    payload = b""
    for name, dtype in _COLUMNS.items():
        array = getattr(trace, name)
        if array is None:
            continue
        if len(array) != rows:
            raise ValueError(f"expected {rows} rows in every column, got {len(array)} of {name}")
        if not np.isfinite(array).all():
            raise ValueError(f"expected finite {dtype} {name}, got NaN or infinity")
        columns.append({"name": name, "dtype": dtype, "shape": list(array.shape), "offset": len(payload)})
        payload += array.astype(_DTYPES[dtype], casting="same_kind").tobytes()
        payload += bytes(-len(payload) % _ALIGNMENT)
    header = {
        "task": trace.task,
        "split": trace.split,
        "model": trace.model,
        "rows": rows,
        "layers": layers,
        "classes": classes,
        "columns": columns,
    }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    text += b" " * (-(_PREFIX.size + len(text)) % _ALIGNMENT)
    return _PREFIX.pack(MAGIC, VERSION, len(text)) + text + payload


def decode_trace(content: bytes) -> Trace:
    """Read a file's bytes back. Raises ValueError for other magic, another version or bytes that are missing."""
    if len(content) < _PREFIX.size:
        raise ValueError(f"expected at least {_PREFIX.size} bytes, got {len(content)}")
    magic, version, length = _PREFIX.unpack_from(content)
    if magic != MAGIC or version != VERSION:
        raise ValueError(f"expected {MAGIC!r} version {VERSION}, got {magic!r} version {version}")
    start = _PREFIX.size + length
    header = json.loads(content[_PREFIX.size : start])
    arrays: dict[str, np.ndarray] = {}
    for column in header["columns"]:
        count = int(np.prod(column["shape"]))
        values = np.frombuffer(content, _DTYPES[column["dtype"]], count, start + column["offset"])
        arrays[column["name"]] = values.reshape(column["shape"])
    return Trace(header["task"], header["split"], header["model"], **arrays)
