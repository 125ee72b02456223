"""The seven GLUE tasks: their order, their classes, their files."""

import json
from pathlib import Path

from training.data.tasks import Task

_ENTAILMENT = ("entailment", "not entailment")

# Sentences of our own, from plain to tricky, since the data sets' licences forbid showing theirs.
_EXAMPLES = json.loads(Path(__file__).with_name("glue_examples.json").read_text(encoding="utf-8"))


def _task(key: str, name: str, labels: tuple[str, ...], question: str, metric: str = "accuracy") -> Task:
    examples = tuple(tuple(texts) for texts in _EXAMPLES[key])
    return Task(key, name, labels, len(examples[0]) == 2, question, metric, examples)


# The order is the order of the manifest's keys and of the classifier slices; the metrics are GLUE's headline ones.
TASKS: tuple[Task, ...] = (
    _task("sst2", "SST-2", ("negative", "positive"), "Does the sentence speak well or badly of something?"),
    _task("cola", "CoLA", ("unacceptable", "acceptable"), "Is the sentence acceptable English?", "matthews"),
    _task("mrpc", "MRPC", ("not a paraphrase", "paraphrase"), "Do the two sentences say the same?", "f1"),
    _task("qqp", "QQP", ("not a duplicate", "duplicate"), "Do the two questions ask the same?", "f1"),
    _task("rte", "RTE", _ENTAILMENT, "Does the second sentence follow from the first?"),
    _task("qnli", "QNLI", _ENTAILMENT, "Does the sentence answer the question?"),
    _task(
        "mnli",
        "MNLI",
        ("entailment", "neutral", "contradiction"),
        "Does the second sentence follow, contradict, or neither?",
    ),
)

# The rows of a task that another task's classifier may learn from too: that task, and its label id for each of theirs.
SHARED_ROWS: dict[str, tuple[str, tuple[int, ...]]] = {"mnli": ("rte", (0, 1, 1))}

# The one task whose dev file has another name than the others'.
DEV_FILES = {"mnli": "dev_matched.tsv"}

# More rows for a task's training; calibration rows come from the task's own train file alone.
EXTRA_FILES: dict[str, tuple[str, str]] = {
    "mnli": ("SNLI", "train.tsv"),
    "qqp": ("QQP", "train_extra_balanced.tsv"),
}

# What the provenance of a model adds, by the task that it is about.
CAVEATS = {"qqp": "QQP dev is a subset of 7,599 of the 40,430 rows"}

# What the card of a model of these tasks owns up to.
LIMITS = (
    "English only, at most 128 tokens; longer texts are cut. Sentences unlike GLUE's may be answered confidently and "
    "wrongly.",
    "Trained on subsets of QNLI, QQP and MNLI; weaker than models trained on all of GLUE.",
    "The frontier's thresholds are fitted on the calibration split alone, but the rule that chooses them was changed "
    "after earlier ones had been measured on dev (`docs/experiments.md`, Calibration).",
    "RTE and MRPC have 277 and 408 dev rows: one row is 0.36 and 0.25 points, and their intervals are wide.",
    "Film reviews, news, encyclopaedia passages and web questions carry the views and blind spots of their writers, "
    "and the encoder those of its web text: sentiment and inference about people, groups or dialects may be biased. "
    "Not for decisions about people.",
)
