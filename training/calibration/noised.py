"""Record mistyped dev rows as the page runs them: what inputs look like that the calibration split has nothing of.

A sample of each task's dev rows, letters swapped and words left out; every exit of the 8-bit variant. The strength
stands in the manifest beside the traces. Labels are those of the rows as they were: of CoLA, which asks for grammar,
many are no longer right.
"""

from pathlib import Path

import numpy as np

from training.calibration.policy_data import read_policy_data, read_pools
from training.calibration.recording import record, write_trace
from training.data.noise import Noise, sample_rows
from training.data.rows import read_rows
from training.data.tasks import Task
from training.data.tokenise import encode, load_tokenizer
from training.export.manifest import read_manifest, write_manifest
from training.export.runtime import LadderRuntime

SPLIT, VARIANT = "noised", "q8"
NOISE = Noise(swapped_share=0.4, dropped_share=0.1)
ROWS, SEED = 400, 20251130


def trace_noised(model: Path, data: Path, tasks: list[Task], batch_size: int, threads: int) -> None:
    """Write traces/<task>.noised.bin for each task and update the manifest after each; the same for the same seed.

    Raises ValueError for malformed rows and FileNotFoundError for a task whose dev file is missing.
    """
    manifest = read_manifest(model)
    runtime = LadderRuntime(model, manifest, VARIANT, threads)
    tokenizer = load_tokenizer(model / manifest["tokenizer"]["path"], manifest["maxTokens"])
    for task in tasks:
        random = np.random.default_rng([SEED, *task.key.encode()])
        dev = read_rows(data, task, "dev")
        sampled = sample_rows(len(dev), ROWS, random)
        rows = [NOISE.noised(dev[index], random) for index in sampled]
        encoded = encode(tokenizer, [row.texts for row in rows])
        gold = np.array([row.gold for row in rows])
        recording = record(runtime, manifest, task, SPLIT, encoded, gold, batch_size)
        # Read again: another command may have changed the manifest while this one computed.
        manifest = read_manifest(model)
        manifest["noise"] = {**NOISE.facts(), "variant": VARIANT, "seed": SEED}
        write_trace(model, manifest, recording, read_pools(read_policy_data(model, manifest, task)), sampled)
        write_manifest(model, manifest)
        accuracy = (recording.evidence.logits.argmax(axis=2) == gold[:, np.newaxis]).mean(axis=0) * 100
        print(f"{task.name:6} {len(rows):5} rows, accuracy by exit: " + " ".join(f"{value:.1f}" for value in accuracy))
