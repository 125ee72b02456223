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
_DTYPES = {"float16": "<f2", "uint8": "u1", "uint16": "<u2"}


@dataclass(frozen=True)
class Trace:
    """One task's split in its original order; no text.

    `logits` [rows, layers, classes] float16, raw (before temperature); `gold` [rows] uint8;
    `tokens` [rows] uint16, special tokens included.
    """

    task: str
    split: str
    model: str
    logits: np.ndarray
    gold: np.ndarray
    tokens: np.ndarray


def encode_trace(trace: Trace) -> bytes:
    """Return the file's bytes. Raises ValueError where the columns' lengths differ or a logit overflows float16."""
    rows, layers, classes = trace.logits.shape
    if trace.gold.shape != (rows,) or trace.tokens.shape != (rows,):
        raise ValueError(f"expected {rows} rows in every column, got {trace.gold.shape} and {trace.tokens.shape}")
    if not np.isfinite(trace.logits).all():
        raise ValueError("expected finite float16 logits, got NaN or infinity")
    arrays = {
        "logits": ("float16", trace.logits),
        "gold": ("uint8", trace.gold),
        "tokens": ("uint16", trace.tokens),
    }
    columns: list[dict[str, Any]] = []
    payload = b""
    for name, (dtype, array) in arrays.items():
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
