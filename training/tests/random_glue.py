"""A tiny GLUE folder of random words, so that the tests need no data."""

from pathlib import Path

import numpy as np

from training.data.glue import DEV_FILES, EXTRA_FILES, TASKS
from training.tests.tiny.weights import WORDS


def write_glue(folder: Path, train_rows: int = 40, dev_rows: int = 9, seed: int = 3) -> Path:
    """Write train, extra and dev files of every task with seeded random words and labels; return the folder."""
    random = np.random.default_rng(seed)
    for task in TASKS:
        files = {
            (task.name, "train.tsv"): train_rows,
            (task.name, DEV_FILES.get(task.key, "dev.tsv")): dev_rows,
        }
        if task.key in EXTRA_FILES:
            files[EXTRA_FILES[task.key]] = train_rows // 2
        for (task_folder, name), rows in files.items():
            (folder / task_folder).mkdir(parents=True, exist_ok=True)
            lines = ["header"]
            for row in range(rows):
                texts = [" ".join(random.choice(WORDS[4:], random.integers(1, 9))) for _ in range(1 + task.pair)]
                lines.append("\t".join([*texts, str(row % len(task.labels))]))
            (folder / task_folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
