"""How often q8 gives fp16's label, on rows of the calibration split.

Prints a table: percent at the last and at the worst exit, and the mean absolute change of the last exit's margin
(fp16's best logit less its second), which tells variants apart where labels on few rows do not.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.data.prepared import read_prepared
from training.data.tasks import Task
from training.export.manifest import read_manifest
from training.export.runtime import LadderRuntime

_SEED = 5


@dataclass(frozen=True)
class Agreement:
    """`by_exit` [layers]: percent of rows with the same label; `margin_change`: at the last exit, in logits."""

    by_exit: np.ndarray
    margin_change: float


def compare(fp16: np.ndarray, q8: np.ndarray) -> Agreement:
    """Compare one task's logits, both [rows, layers, classes]."""
    by_exit = (fp16.argmax(axis=2) == q8.argmax(axis=2)).mean(axis=0) * 100
    best, second = fp16[:, -1].argsort(axis=1)[:, :-3:-1].T
    rows = np.arange(len(fp16))
    before, after = (logits[rows, -1, best] - logits[rows, -1, second] for logits in (fp16, q8))
    return Agreement(by_exit, float(np.abs(after - before).mean()))


def print_agreement(
    model: Path, prepared: Path, tasks: list[Task], batch_size: int, threads: int, rows: int | None
) -> None:
    """Print a row a task of a Markdown table, each as it is measured; `rows`: at most so many seeded ones a task."""
    manifest = read_manifest(model)
    fp16, q8 = (LadderRuntime(model, manifest, name, threads) for name in ("fp16", "q8"))
    calibration = read_prepared(prepared).calibration
    print("| task | rows | q8 agrees, last exit | q8 agrees, worst exit | margin change |\n|---|---|---|---|---|")
    for task in tasks:
        order = np.random.default_rng(_SEED).permutation(len(calibration[task.key]))[:rows]
        encoded = calibration[task.key].all_encoded(order)
        start, end = manifest["tasks"][task.key]["logits"]
        logits = fp16.all_logits(encoded, batch_size), q8.all_logits(encoded, batch_size)
        found = compare(*(values[:, :, start:end] for values in logits))
        print(
            f"| {task.name} | {len(encoded)} | {found.by_exit[-1]:.2f} | {found.by_exit.min():.2f} "
            f"| {found.margin_change:.4f} |",
            flush=True,
        )
