"""Check the exported files against float32 PyTorch, and q8 against fp16, on the public dev splits.

Prints a table and one line of JSON; exits with 1 if a bound fails. Over all rows, what it measures of q8 is kept in the
model folder's quantisation.json, which training.report reads.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from training.data.rows import read_rows
from training.data.tasks import Row, Task
from training.data.tokenise import encode, load_tokenizer, padded_batches
from training.export.export import FP16_TOLERANCE
from training.export.exported import load_exported
from training.export.manifest import read_manifest
from training.export.measured import QUANTISATION, keep_measured
from training.export.runtime import LadderRuntime
from training.model.reference import ReferenceModel, load_reference

_SEED = 64
REFERENCE_ROWS = 64
LARGEST_Q8_LOSS_POINTS = 0.7
Q8_BOUND_TASKS = ("sst2", "qnli", "mnli")
# Percent of rows on which q8 gives fp16's last label.
SMALLEST_AGREEMENT = {"sst2": 99.0, "qqp": 99.0, "qnli": 99.0}
SMALLEST_AGREEMENT_ELSEWHERE = 98.0


@dataclass(frozen=True)
class TaskParity:
    """One task's measurements; lists have one entry per exit, accuracies and agreement are in percent.

    `max_difference`: of fp16 logits from PyTorch's; `label_changes`: rows and exits whose label differs there.
    """

    task: str
    reference_rows: int
    max_difference: list[float]
    label_changes: int
    rows: int
    fp16_accuracy: list[float]
    q8_accuracy: list[float]
    q8_agreement: list[float]

    def failures(self) -> list[str]:
        """Return a sentence for every bound that does not hold."""
        found: list[str] = []
        worst = max(self.max_difference)
        if worst > FP16_TOLERANCE:
            found.append(f"{self.task}: expected fp16 within {FP16_TOLERANCE} of PyTorch, got {worst:.2e}")
        if self.label_changes:
            found.append(f"{self.task}: expected fp16 to give PyTorch's labels, got {self.label_changes} others")
        loss = self.fp16_accuracy[-1] - self.q8_accuracy[-1]
        if self.task in Q8_BOUND_TASKS and loss > LARGEST_Q8_LOSS_POINTS:
            found.append(f"{self.task}: expected q8 to lose at most {LARGEST_Q8_LOSS_POINTS} points, got {loss:.2f}")
        smallest = SMALLEST_AGREEMENT.get(self.task, SMALLEST_AGREEMENT_ELSEWHERE)
        if self.q8_agreement[-1] < smallest:
            agreement = self.q8_agreement[-1]
            found.append(f"{self.task}: expected q8 to give fp16's label on {smallest} %, got {agreement:.2f}")
        return found

    def quantisation(self) -> dict[str, Any]:
        """Return what the report keeps of the last exit."""
        return {
            "rows": self.rows,
            "fp16AccuracyPercent": self.fp16_accuracy[-1],
            "q8AccuracyPercent": self.q8_accuracy[-1],
            "agreementPercent": self.q8_agreement[-1],
        }


@dataclass(frozen=True)
class Ladders:
    """The three things compared, and how they read text."""

    reference: ReferenceModel
    fp16: LadderRuntime
    q8: LadderRuntime
    tokenizer: Tokenizer
    batch_size: int


def measure(ladders: Ladders, task: Task, rows: list[Row], logits_slice: tuple[int, int]) -> TaskParity:
    """Compare on these rows: the first `REFERENCE_ROWS` with PyTorch too."""
    start, end = logits_slice
    gold = np.array([row.gold for row in rows])[:, np.newaxis]
    encoded = encode(ladders.tokenizer, [row.texts for row in rows])
    fp16 = ladders.fp16.all_logits(encoded, ladders.batch_size)[:, :, start:end]
    q8 = ladders.q8.all_logits(encoded, ladders.batch_size)[:, :, start:end]

    few = encoded[:REFERENCE_ROWS]
    expected = np.empty_like(fp16[: len(few)])
    for batch in padded_batches(few, ladders.batch_size):
        expected[batch.rows] = ladders.reference.logits(batch)[:, :, start:end]
    actual = fp16[: len(few)]
    return TaskParity(
        task=task.key,
        reference_rows=len(few),
        max_difference=np.abs(actual - expected).max(axis=(0, 2)).tolist(),
        label_changes=int((actual.argmax(axis=2) != expected.argmax(axis=2)).sum()),
        rows=len(rows),
        fp16_accuracy=_percent(fp16.argmax(axis=2) == gold),
        q8_accuracy=_percent(q8.argmax(axis=2) == gold),
        q8_agreement=_percent(q8.argmax(axis=2) == fp16.argmax(axis=2)),
    )


def table(results: list[TaskParity]) -> str:
    """Return the measurements as a Markdown table."""
    lines = [
        "| task | fp16 − PyTorch, largest | labels changed | dev rows | fp16 last exit | q8 last exit "
        "| q8 agrees, last exit | q8 agrees, worst exit |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {result.task} | {max(result.max_difference):.1e} | {result.label_changes} | {result.rows} "
        f"| {result.fp16_accuracy[-1]:.2f} | {result.q8_accuracy[-1]:.2f} "
        f"| {result.q8_agreement[-1]:.2f} | {min(result.q8_agreement):.2f} |"
        for result in results
    ]
    return "\n".join(lines)


def measure_all(
    weights: Path | None, model: Path, data: Path, tasks: list[Task], batch_size: int, threads: int, rows: int | None
) -> list[TaskParity]:
    """Measure these tasks on dev, at most `rows` seeded rows each; of all rows, quantisation.json keeps q8's.

    Without a weights folder PyTorch computes with what the fp16 files hold.
    """
    manifest = read_manifest(model)
    ladders = Ladders(
        load_exported(model, manifest) if weights is None else load_reference(weights),
        LadderRuntime(model, manifest, "fp16", threads),
        LadderRuntime(model, manifest, "q8", threads),
        load_tokenizer(model / manifest["tokenizer"]["path"], manifest["maxTokens"]),
        batch_size,
    )
    results: list[TaskParity] = []
    for task in tasks:
        dev = read_rows(data, task, "dev")
        order = np.random.default_rng(_SEED).permutation(len(dev))[:rows]
        start, end = manifest["tasks"][task.key]["logits"]
        results.append(measure(ladders, task, [dev[index] for index in order], (start, end)))
    if rows is None:
        keep_measured(model, QUANTISATION, {result.task: result.quantisation() for result in results})
    return results


def _percent(hits: np.ndarray) -> list[float]:
    return np.round(hits.mean(axis=0) * 100, 3).tolist()
