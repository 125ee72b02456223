"""A task's recorded exits, calibrated."""

from pathlib import Path

import numpy as np

from training.calibration.cascade import Exits, exits_of
from training.calibration.probabilities import softmax
from training.calibration.trace_file import Trace, decode_trace
from training.data.tasks import Task
from training.export.manifest import Manifest


def read_calibrated(model: Path, manifest: Manifest, task: Task, split: str) -> tuple[Trace, Exits]:
    """Return a task's trace of a split, and its exits at the manifest's temperatures."""
    entry = manifest["tasks"][task.key]
    trace = decode_trace((model / entry["traces"][split]["path"]).read_bytes())
    temperatures = np.array(entry["temperatures"])[:, np.newaxis]
    probabilities = softmax(trace.logits.astype(np.float32), temperatures)
    return trace, exits_of(probabilities, trace.gold.astype(int))
