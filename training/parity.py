"""Check the exported files against float32 PyTorch, and q8 against fp16, on the public dev splits.

Prints a table and one line of JSON; exits with 1 if a bound fails. Over all rows, what it measures of q8 is kept in the
model folder's quantisation.json, which training.report reads.
Usage: python -m training.parity --weights <weights folder> --model public/models/<id> --data <glue folder>
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from training.arguments import add_common_arguments
from training.export import FP16_TOLERANCE
from training.manifest import read_manifest
from training.measured import QUANTISATION, keep_measured
from training.reference import ReferenceModel, load_reference
from training.runtime import LadderRuntime
from training.tasks import Row, Task, read_rows, select_tasks
from training.tokenise import encode, load_tokenizer, padded_batches

SEED = 64
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
    """Compare on these rows: the first `REFERENCE_ROWS` with PyTorch too, q8 at batch 1.

    Batch 1, because q8 quantises its activations over all tokens of a batch.
    """
    start, end = logits_slice
    gold = np.array([row.gold for row in rows])[:, np.newaxis]
    encoded = encode(ladders.tokenizer, [row.texts for row in rows])
    fp16 = ladders.fp16.all_logits(encoded, ladders.batch_size)[:, :, start:end]
    q8 = ladders.q8.all_logits(encoded, batch_size=1)[:, :, start:end]

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
    for result in results:
        lines.append(
            f"| {result.task} | {max(result.max_difference):.1e} | {result.label_changes} | {result.rows} "
            f"| {result.fp16_accuracy[-1]:.2f} | {result.q8_accuracy[-1]:.2f} "
            f"| {result.q8_agreement[-1]:.2f} | {min(result.q8_agreement):.2f} |"
        )
    return "\n".join(lines)


def _percent(hits: np.ndarray) -> list[float]:
    return np.round(hits.mean(axis=0) * 100, 3).tolist()


def main() -> None:
    """Parse the arguments, measure every task, print, and exit with 1 if a bound fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_common_arguments(parser)
    parser.add_argument("--weights", type=Path, required=True, help="the weights folder that was exported")
    parser.add_argument("--rows", type=int, help="at most so many seeded dev rows a task; default: all")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    manifest = read_manifest(arguments.model)
    ladders = Ladders(
        load_reference(arguments.weights),
        LadderRuntime(arguments.model, manifest, "fp16", arguments.threads),
        LadderRuntime(arguments.model, manifest, "q8", arguments.threads),
        load_tokenizer(arguments.model / manifest["tokenizer"]["path"], manifest["maxTokens"]),
        arguments.batch_size,
    )
    results: list[TaskParity] = []
    for task in select_tasks(arguments.tasks):
        rows = read_rows(arguments.data, task, "dev")
        order = np.random.default_rng(SEED).permutation(len(rows))[: arguments.rows]
        start, end = manifest["tasks"][task.key]["logits"]
        results.append(measure(ladders, task, [rows[index] for index in order], (start, end)))
    failures = [sentence for result in results for sentence in result.failures()]
    measured = [asdict(result) for result in results]
    report: dict[str, Any] = {"model": manifest["id"], "failures": failures, "tasks": measured}
    if arguments.rows is None:
        kept = {result.task: result.quantisation() for result in results}
        keep_measured(arguments.model, QUANTISATION, kept)
    print(table(results))
    print(json.dumps(report))
    print("\n".join(failures), file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
