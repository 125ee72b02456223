"""Reading labelled rows from a data folder: one folder of tab-separated files a task."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from training.data.files import write_json
from training.data.glue import DEV_FILES, TASKS
from training.data.tasks import Row, Task, tasks_in

TASKS_FILE = "tasks.json"


def read_tasks(folder: Path) -> tuple[Task, ...]:
    """Return the tasks that tasks.json of a data, prepared or weights folder names; without it, GLUE's seven."""
    path = folder / TASKS_FILE
    return tasks_in(path) if path.exists() else TASKS


def write_tasks(folder: Path, tasks: Sequence[Task]) -> None:
    """Write tasks.json, in the order of the classifiers."""
    write_json(folder / TASKS_FILE, {task.key: task.facts() for task in tasks})


def task_folder(data: Path, task: Task) -> Path:
    """Return where a task's rows lie: in a folder of the task's name."""
    return data / task.name


def read_rows(data: Path, task: Task, split: str) -> list[Row]:
    """Read the `train` or `dev` rows of a task from a data folder, in file order.

    The files are tab-separated without quoting, with one header line. Raises ValueError for another
    split name, a line with the wrong number of fields, or a label id that the task does not have.
    """
    if split not in ("train", "dev"):
        raise ValueError(f"expected split 'train' or 'dev', got {split!r}")
    name = DEV_FILES.get(task.key, "dev.tsv") if split == "dev" else "train.tsv"
    return parse_rows(task_folder(data, task) / name, task)


def parse_rows(path: Path, task: Task) -> list[Row]:
    """Read one file of a task's rows. Raises ValueError as `read_rows`."""
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
