"""Record the logits of every exit on the public dev splits and list the files in the manifest."""

from pathlib import Path

import numpy as np

from training.calibration.policy_data import read_policy_data, read_pools
from training.calibration.recording import VARIANT, record, write_trace
from training.data.rows import read_rows
from training.data.tasks import Task
from training.data.tokenise import encode, load_tokenizer
from training.export.manifest import read_manifest, write_manifest
from training.export.runtime import LadderRuntime

SPLIT = "dev"


def trace_dev(model: Path, data: Path, tasks: list[Task], batch_size: int, threads: int) -> None:
    """Write traces/<task>.dev.bin for each task and update the manifest after each.

    Distances to pools are written where training.calibrate has fitted them. Raises ValueError for malformed rows and
    FileNotFoundError for a task whose dev file is missing.
    """
    manifest = read_manifest(model)
    runtime = LadderRuntime(model, manifest, VARIANT, threads)
    tokenizer = load_tokenizer(model / manifest["tokenizer"]["path"], manifest["maxTokens"])
    for task in tasks:
        rows = read_rows(data, task, SPLIT)
        encoded = encode(tokenizer, [row.texts for row in rows])
        gold = np.array([row.gold for row in rows])
        recording = record(runtime, manifest, task, SPLIT, encoded, gold, batch_size)
        # Read again: another command may have changed the manifest while this one computed.
        manifest = read_manifest(model)
        write_trace(model, manifest, recording, read_pools(read_policy_data(model, manifest, task)))
        write_manifest(model, manifest)
        accuracy = (recording.evidence.logits.argmax(axis=2) == gold[:, np.newaxis]).mean(axis=0) * 100
        print(f"{task.name:6} {len(rows):5} rows, accuracy by exit: " + " ".join(f"{value:.1f}" for value in accuracy))
