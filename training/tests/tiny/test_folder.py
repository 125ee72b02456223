"""The committed model folder of the tiny model, and the sentences that it is made from."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from training.calibration.trace_file import decode_trace
from training.data.rows import read_rows, read_tasks
from training.data.tokenise import encode, load_tokenizer
from training.export.manifest import model_files, read_manifest, tasks_of
from training.export.runtime import LadderRuntime
from training.tests.tiny.topics import TASK, write_topics
from training.tests.tiny.weights import HIDDEN, LAYERS

FOLDER = Path(__file__).resolve().parents[3] / "core" / "testing" / "models" / "tiny-topics"


def test_sentences_are_of_the_task_and_none_comes_twice(tmp_path: Path) -> None:
    write_topics(tmp_path, train_rows=200, dev_rows=50, seed=1)
    assert read_tasks(tmp_path) == (TASK,)
    train, dev = (read_rows(tmp_path, TASK, split) for split in ("train", "dev"))
    assert (len(train), len(dev)) == (200, 50)
    assert len({row.texts for row in (*train, *dev)}) == 250
    assert {row.gold for row in train} == {0, 1, 2}


def test_the_folder_is_another_task_and_other_sizes_and_small() -> None:
    manifest = read_manifest(FOLDER)
    assert tasks_of(manifest) == (TASK,) and (manifest["layers"], manifest["hidden"]) == (LAYERS, HIDDEN)
    assert list(manifest["variants"]) == ["fp16"] and set(manifest["defaultVariant"].values()) == {"fp16"}
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 300_000


def test_every_file_is_what_the_manifest_says() -> None:
    manifest = read_manifest(FOLDER)
    topic = manifest["tasks"]["topic"]
    for entry in (*model_files(manifest), *topic["traces"].values(), topic["policyData"]):
        content = (FOLDER / entry["path"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (entry["bytes"], entry["sha256"])


def test_it_runs_and_deeper_exits_know_more() -> None:
    manifest = read_manifest(FOLDER)
    fixture = json.loads((FOLDER / "parity.json").read_text(encoding="utf-8"))
    encoded = encode(load_tokenizer(FOLDER / "tokenizer.json"), [tuple(row["texts"]) for row in fixture["samples"]])
    logits = LadderRuntime(FOLDER, manifest, "fp16").all_logits(encoded, batch_size=1)
    assert np.abs(logits - [row["logits"] for row in fixture["samples"]]).max() < fixture["tolerance"]["fp16"]
    trace = decode_trace((FOLDER / manifest["tasks"]["topic"]["traces"]["dev"]["path"]).read_bytes())
    first, *_, last = (trace.logits.argmax(axis=2) == trace.gold[:, np.newaxis]).mean(axis=0)
    assert first == pytest.approx(0.82, abs=0.05) and last > first + 0.05
