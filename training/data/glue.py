"""The seven GLUE tasks: their order, their classes, their files."""

from collections.abc import Sequence
from pathlib import Path

from training.data.tasks import Task, tasks_in

# In the order of the manifest's keys and of the classifier slices. The metrics are GLUE's headline ones; the examples,
# from plain to tricky, are sentences of our own, since the data sets' licences forbid showing theirs.
TASKS: tuple[Task, ...] = tasks_in(Path(__file__).with_suffix(".json"))

# The rows of a task that another task's classifier may learn from too: that task, and its label id for each of theirs.
SHARED_ROWS: dict[str, tuple[str, tuple[int, ...]]] = {"mnli": ("rte", (0, 1, 1))}

# The one task whose dev file has another name than the others'.
DEV_FILES = {"mnli": "dev_matched.tsv"}

# More rows for a task's training; calibration rows come from the task's own train file alone.
EXTRA_FILES: dict[str, tuple[str, str]] = {
    "mnli": ("SNLI", "train.tsv"),
    "qqp": ("QQP", "train_extra_balanced.tsv"),
}

# What weights of these tasks are trained on.
TRAIN_ROWS = (
    "GLUE train: SST-2, CoLA, MRPC, RTE, QNLI, QQP, MNLI; SNLI joined to MNLI, extra balanced rows to QQP; without "
    "the calibration rows and every row that shares a text with them. The data sets keep their own licences; no text "
    "is included."
)

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


def are_glue(tasks: Sequence[Task]) -> bool:
    """Whether these are the seven."""
    return [task.key for task in tasks] == [task.key for task in TASKS]
