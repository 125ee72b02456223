"""Trace files and the command that records them."""

import hashlib
import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.calibration.noised import trace_noised
from training.calibration.trace import trace_dev
from training.calibration.trace_file import Trace, decode_trace, encode_trace
from training.data.glue import TASKS
from training.data.rows import read_rows
from training.data.tokenise import encode, load_tokenizer
from training.export.manifest import read_manifest
from training.export.runtime import LadderRuntime


def sample_trace(rows: int = 5) -> Trace:
    """A trace of three layers and two classes."""
    random = np.random.default_rng(0)
    logits = random.normal(size=(rows, 3, 2)).astype(np.float16)
    gold, tokens = np.arange(rows, dtype=np.uint8) % 2, np.arange(rows, dtype=np.uint16) + 7
    return Trace("sst2", "dev", "tiny", logits, gold, tokens)


@pytest.mark.parametrize("rows", [0, 1, 5, 8])
def test_encoded_trace_reads_back(rows: int) -> None:
    trace = sample_trace(rows)
    decoded = decode_trace(encode_trace(trace))
    assert (decoded.task, decoded.split, decoded.model) == ("sst2", "dev", "tiny")
    for column in ("logits", "gold", "tokens"):
        np.testing.assert_array_equal(getattr(decoded, column), getattr(trace, column))
    assert decoded.saturation is None


def test_columns_that_a_file_may_lack_read_back() -> None:
    distances = np.arange(15, dtype=np.float16).reshape(5, 3)
    decoded = decode_trace(encode_trace(replace(sample_trace(), pool_distances=distances)))
    np.testing.assert_array_equal(decoded.pool_distances, distances)
    dev_rows = np.array([3, 70_000, 70_001, 80_000, 90_000], np.uint32)
    np.testing.assert_array_equal(
        decode_trace(encode_trace(replace(sample_trace(), dev_rows=dev_rows))).dev_rows, dev_rows
    )


def test_layout_is_the_documented_one() -> None:
    content = encode_trace(sample_trace())
    magic, version, length = struct.unpack_from("<4sII", content)
    assert (magic, version, (12 + length) % 8) == (b"DMTR", 1, 0)
    header = json.loads(content[12 : 12 + length])
    assert list(header) == ["task", "split", "model", "rows", "layers", "classes", "columns"]
    assert [(c["name"], c["dtype"], c["shape"], c["offset"]) for c in header["columns"]] == [
        ("logits", "float16", [5, 3, 2], 0),
        ("gold", "uint8", [5], 64),
        ("tokens", "uint16", [5], 72),
    ]
    assert len(content) == 12 + length + 72 + 16


def test_bad_columns_and_bytes_are_refused() -> None:
    trace = sample_trace()
    with pytest.raises(ValueError, match="5 rows"):
        encode_trace(replace(trace, gold=trace.gold[:4]))
    with pytest.raises(ValueError, match="finite"):
        encode_trace(replace(trace, logits=np.full((5, 3, 2), np.inf, np.float16)))
    with pytest.raises(ValueError, match="version"):
        decode_trace(b"XXXX" + encode_trace(trace)[4:])


def test_command_records_dev_rows_in_their_order(model: Path, glue: Path) -> None:
    trace_dev(model, glue, list(TASKS), batch_size=4, threads=1)
    manifest = read_manifest(model)
    for task in TASKS:
        entry = manifest["tasks"][task.key]["traces"]["dev"]
        content = (model / entry["path"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(content).hexdigest() and entry["bytes"] == len(content)
        trace = decode_trace(content)
        rows = read_rows(glue, task, "dev")
        assert trace.gold.tolist() == [row.gold for row in rows]
        encoded = encode(load_tokenizer(model / "tokenizer.json"), [row.texts for row in rows])
        assert trace.tokens.tolist() == [len(row.input_ids) for row in encoded]
        start, end = manifest["tasks"][task.key]["logits"]
        expected = LadderRuntime(model, manifest, "fp16").all_logits(encoded, batch_size=1)[:, :, start:end]
        np.testing.assert_allclose(trace.logits, expected, rtol=1e-3, atol=1e-3)
        assert trace.saturation is not None and trace.saturation.shape == trace.logits.shape[:2]
        assert np.abs(trace.saturation).max() <= 1.001


def test_mistyped_rows_are_recorded_with_how_strongly_they_are(model: Path, glue: Path) -> None:
    tasks = list(TASKS)[:2]
    trace_noised(model, glue, tasks, batch_size=4, threads=1)
    manifest = read_manifest(model)
    assert manifest["noise"] == {"swappedShare": 0.4, "droppedShare": 0.1, "variant": "q8", "seed": 20251130}
    contents = [(model / manifest["tasks"][task.key]["traces"]["noised"]["path"]).read_bytes() for task in tasks]
    for task, content in zip(tasks, contents, strict=True):
        trace = decode_trace(content)
        assert trace.split == "noised"
        assert trace.gold.tolist() == [row.gold for row in read_rows(glue, task, "dev")]
        assert trace.dev_rows is not None and trace.dev_rows.tolist() == list(range(len(trace.gold)))
    trace_noised(model, glue, tasks[:1], batch_size=4, threads=1)
    assert (model / manifest["tasks"][tasks[0].key]["traces"]["noised"]["path"]).read_bytes() == contents[0]
