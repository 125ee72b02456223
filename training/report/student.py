"""The other way to save: a small model of its own on the device, and the text to the cloud where it is unsure.

The student is a logistic regression on hashed words and pairs of neighbouring words, of a pair's texts also on the
words that both have and those that one lacks; trained on the rows that training reads, in minutes on a CPU. It is taken
to cost nothing, and what crosses is the text. Its threshold is chosen as a cascade's are, by what its confidence tells
of the loss on calibration rows.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LogisticRegression

from training.calibration.calibrated import read_trace
from training.calibration.cascade import COSTS, Exits, exits_of
from training.calibration.expected_losses import expected_losses
from training.calibration.probabilities import fit_temperature, softmax
from training.data.rows import read_rows
from training.data.splits import SplitRule, read_split
from training.data.tasks import Row, Task
from training.export.manifest import Manifest, read_manifest, tasks_of
from training.export.measured import STUDENT, write_measured
from training.report.headline import TaskRows, summary
from training.report.rule import JOINT_ALLOWANCE

_FEATURES = 2**18


def measure_student(model: Path, data: Path) -> None:
    """Train a student of each task, and keep in student.json what it and the cloud give on dev.

    Raises ValueError where the calibration rows of `data` are not those of the model's traces.
    """
    manifest = read_manifest(model)
    rows: dict[str, TaskRows] = {}
    alone: dict[str, float] = {}
    for task in tasks_of(manifest):
        rows[task.key], alone[task.key] = _measured(model, manifest, task, data)
        told = summary([rows[task.key]], manifest["layers"])
        print(f"{task.name:6} student {alone[task.key]:.2f} %, cascade {told}", flush=True)
    layers = manifest["layers"]
    tasks = {
        key: {
            "studentAccuracyPercent": alone[key],
            "answersPercent": round(own.on_mobile * 100, 2),
            **summary([own], layers),
        }
        for key, own in rows.items()
    }
    means = summary(list(rows.values()), layers)
    write_measured(model, STUDENT, {"modelHash": manifest["hash"], **means, "tasks": tasks})


def _measured(model: Path, manifest: Manifest, task: Task, data: Path) -> tuple[TaskRows, float]:
    split = read_split(data, task, SplitRule())
    student = train(split.train)
    exits = {}
    temperature = 1.0
    for name, own in (("calibration", split.calibration), ("dev", read_rows(data, task, "dev"))):
        trace = read_trace(model, manifest, task, name)
        gold = np.array([row.gold for row in own])
        if not np.array_equal(gold, trace.gold):
            raise ValueError(f"expected the {name} rows of {task.name} to be those of its trace")
        logits = word_logits(student, own)
        if name == "calibration":
            temperature = fit_temperature(logits, gold)
        exits[name] = _with_cloud(exits_of(softmax(logits, temperature)[:, np.newaxis], gold), trace.logits, gold)
    threshold = answers_from(exits["calibration"], JOINT_ALLOWANCE[0])
    dev = exits["dev"]
    stays = dev.confidence[:, 0] >= threshold
    right = np.where(stays, dev.correct[:, 0], dev.correct[:, 1]).astype(float)
    cost = float((~stays).mean()) * COSTS.all_cloud(manifest["layers"])
    lost = (dev.correct[:, 1] - right) * 100
    # Nothing is compared with a static cut here; what stays is the share that the student answers.
    rows = TaskRows(lost, np.zeros_like(lost), float(right.mean()), cost, float(stays.mean()))
    return rows, round(float(dev.correct[:, 0].mean()) * 100, 2)


def _with_cloud(student: Exits, logits: np.ndarray, gold: np.ndarray) -> Exits:
    """Two exits: the student's, and the model's last."""
    last = logits[:, -1].argmax(axis=1) == gold
    return Exits(
        np.column_stack([student.confidence[:, 0], np.ones(len(gold))]), np.column_stack([student.correct[:, 0], last])
    )


def answers_from(exits: Exits, allowed_points: float) -> float:
    """Return the least confidence from which on a student answers that may lose so much; infinity where none does.

    `exits`: the student's and the cloud's, of calibration rows.
    """
    losses = expected_losses(exits, exits.confidence)[:, 0]
    order = np.argsort(-exits.confidence[:, 0], kind="stable")
    lost = np.cumsum(losses[order]) / len(losses) * 100
    kept = np.flatnonzero(lost <= allowed_points)
    return float(exits.confidence[order[kept[-1]], 0]) if len(kept) else np.inf


def train(rows: Sequence[Row]) -> LogisticRegression:
    """Return a student of these rows."""
    return LogisticRegression(C=1.0, max_iter=200).fit(_features(rows), [row.gold for row in rows])


def word_logits(student: LogisticRegression, rows: Sequence[Row]) -> np.ndarray:
    """Return what a student says of rows, [rows, classes]: logarithms of probabilities."""
    return student.predict_log_proba(_features(rows))


def _features(rows: Sequence[Row]) -> csr_matrix:
    return FeatureHasher(_FEATURES, input_type="string").transform(list(_words(row.texts)) for row in rows)


def _words(texts: tuple[str, ...]) -> Iterable[str]:
    split = [text.lower().split() for text in texts]
    for place, words in enumerate(split):
        yield from (f"{place} {word}" for word in words)
        yield from (f"{place} {one} {other}" for one, other in pairwise(words))
    if len(split) == 2:
        first, second = map(set, split)
        yield from (f"both {word}" for word in first & second)
        yield from (f"first {word}" for word in first - second)
        yield from (f"second {word}" for word in second - first)
        yield f"overlap {round(10 * len(first & second) / max(len(first | second), 1))}"
