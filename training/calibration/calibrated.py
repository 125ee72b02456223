"""A task's recorded exits, calibrated."""

from pathlib import Path

import numpy as np

from training.calibration.cascade import Exits, exits_of
from training.calibration.probabilities import softmax
from training.calibration.trace_file import Trace, decode_trace
from training.data.tasks import Task
from training.export.manifest import Manifest


def read_trace(model: Path, manifest: Manifest, task: Task, split: str) -> Trace:
    """Return a task's trace of a split."""
    return decode_trace((model / manifest["tasks"][task.key]["traces"][split]["path"]).read_bytes())


def read_calibrated(model: Path, manifest: Manifest, task: Task, split: str) -> tuple[Trace, Exits]:
    """Return a task's trace of a split, and its exits at the manifest's temperatures."""
    trace = read_trace(model, manifest, task, split)
    return trace, calibrated_exits(trace, manifest, task)


def calibrated_exits(trace: Trace, manifest: Manifest, task: Task) -> Exits:
    """Return a trace's exits at the manifest's temperatures."""
    temperatures = np.array(manifest["tasks"][task.key]["temperatures"])[:, np.newaxis]
    return exits_of(softmax(trace.logits.astype(np.float32), temperatures), trace.gold.astype(int))
