"""Evidence of a split, recorded from the exported files and written as a trace."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.calibration.pools import Pools
from training.calibration.trace_file import Trace, encode_trace
from training.data.tasks import Task
from training.data.tokenise import Encoded
from training.export.manifest import Manifest, file_entry
from training.export.runtime import Evidence, LadderRuntime

VARIANT = "fp16"


@dataclass(frozen=True)
class Recording:
    """One task's split, run to the last exit: its evidence (`logits` of the task alone), gold labels and tokens."""

    task: Task
    split: str
    evidence: Evidence
    gold: np.ndarray
    tokens: np.ndarray


def record(
    runtime: LadderRuntime,
    manifest: Manifest,
    task: Task,
    split: str,
    encoded: Sequence[Encoded],
    gold: np.ndarray,
    batch_size: int,
) -> Recording:
    """Run all rows of a split; `gold` [rows] label ids."""
    evidence = runtime.all_evidence(encoded, batch_size)
    start, end = manifest["tasks"][task.key]["logits"]
    own = Evidence(evidence.logits[:, :, start:end], evidence.saturation, evidence.embedding)
    return Recording(task, split, own, gold, np.array([len(row.input_ids) for row in encoded], np.uint16))


def write_trace(
    model: Path,
    manifest: Manifest,
    recording: Recording,
    pools: dict[str, Pools],
    dev_rows: np.ndarray | None = None,
) -> None:
    """Write traces/<task>.<split>.bin and list it in the manifest.

    `pools` may hold "dimee" and "dimecDc"; `dev_rows` [rows] tells which row of the dev split each was made of.
    """
    evidence = recording.evidence
    distances = {name: found.distances(evidence.embedding).astype(np.float16) for name, found in pools.items()}
    trace = Trace(
        recording.task.key,
        recording.split,
        manifest["id"],
        evidence.logits.astype(np.float16),
        recording.gold.astype(np.uint8),
        recording.tokens,
        evidence.saturation.astype(np.float16),
        distances.get("dimee"),
        distances.get("dimecDc"),
        None if dev_rows is None else dev_rows.astype(np.uint32),
    )
    path = f"traces/{recording.task.key}.{recording.split}.bin"
    (model / "traces").mkdir(exist_ok=True)
    (model / path).write_bytes(encode_trace(trace))
    manifest["tasks"][recording.task.key]["traces"][recording.split] = file_entry(model, path)
