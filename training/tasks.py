"""The seven GLUE tasks: their order, their classes, their files."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """One task. `labels` are human words in label-id order."""

    key: str
    name: str
    folder: str
    labels: tuple[str, ...]
    pair: bool
    dev_file: str = "dev.tsv"
    train_file: str = "train.tsv"


@dataclass(frozen=True)
class Row:
    """One labelled row: one text or a pair, and its gold label id."""

    texts: tuple[str, ...]
    gold: int


_ENTAILMENT = ("entailment", "not entailment")

# The order is the order of the manifest's keys and of the classifier slices.
TASKS: tuple[Task, ...] = (
    Task("sst2", "SST-2", "SST-2", ("negative", "positive"), pair=False),
    Task("cola", "CoLA", "CoLA", ("unacceptable", "acceptable"), pair=False),
    Task("mrpc", "MRPC", "MRPC", ("not a paraphrase", "paraphrase"), pair=True),
    Task("qqp", "QQP", "QQP", ("not a duplicate", "duplicate"), pair=True),
    Task("rte", "RTE", "RTE", _ENTAILMENT, pair=True),
    Task("qnli", "QNLI", "QNLI", _ENTAILMENT, pair=True),
    Task("mnli", "MNLI", "MNLI", ("entailment", "neutral", "contradiction"), True, "dev_matched.tsv"),
)

# The rows of a task that another task's classifier may learn from too: that task, and its label id for each of theirs.
SHARED_ROWS: dict[str, tuple[str, tuple[int, ...]]] = {"mnli": ("rte", (0, 1, 1))}


def total_classes() -> int:
    """Return the length of the concatenated logits of all tasks."""
    return sum(len(task.labels) for task in TASKS)


def class_slices() -> dict[str, tuple[int, int]]:
    """Return each task's half-open [start, end) slice of the concatenated logits."""
    slices: dict[str, tuple[int, int]] = {}
    start = 0
    for task in TASKS:
        slices[task.key] = (start, start + len(task.labels))
        start += len(task.labels)
    return slices


def select_tasks(keys: str | None) -> list[Task]:
    """Return the tasks named in a comma-separated list, or all for None.

    Raises ValueError for a key that is no task.
    """
    if keys is None:
        return list(TASKS)
    wanted = keys.split(",")
    known = {task.key for task in TASKS}
    unknown = [key for key in wanted if key not in known]
    if unknown:
        raise ValueError(f"expected task keys among {sorted(known)}, got {unknown}")
    return [task for task in TASKS if task.key in wanted]


def read_rows(data: Path, task: Task, split: str) -> list[Row]:
    """Read the `train` or `dev` rows of a task from a GLUE folder, in file order.

    The files are tab-separated without quoting, with one header line. Raises ValueError for another
    split name, a line with the wrong number of fields, or a label id that the task does not have.
    """
    if split not in ("train", "dev"):
        raise ValueError(f"expected split 'train' or 'dev', got {split!r}")
    path = data / task.folder / (task.dev_file if split == "dev" else task.train_file)
    return list(_parse(path, task))


def _parse(path: Path, task: Task) -> Iterator[Row]:
    fields = 3 if task.pair else 2
    # split("\n") and not splitlines(): a text may hold a Unicode line separator.
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")[1:]
    for number, line in enumerate(lines, start=2):
        parts = line.split("\t")
        if len(parts) != fields or not parts[-1].isdigit() or int(parts[-1]) >= len(task.labels):
            raise ValueError(
                f"{path.name} of {task.name}, line {number}: expected {fields} tab-separated fields ending in a "
                f"label id below {len(task.labels)}, got {len(parts)} fields ending in {parts[-1][:20]!r}"
            )
        yield Row(tuple(parts[:-1]), int(parts[-1]))
