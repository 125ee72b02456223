"""What the teachers say about the train rows, as training.teach writes it and training.distil reads it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save

from training.data.files import read_json, write_json, write_whole
from training.fit.config import config_of
from training.stacked.config import TeacherConfig

LABELS_FILE = "labels.safetensors"
TEACHERS_FILE = "teachers.json"


@dataclass(frozen=True)
class SoftLabels:
    """Probabilities [rows, classes] float16 of each task's classes, for the rows of `row_table`.

    `own`: the mean over the teachers that did not see the row. `copies`: the mean over all teachers, for each corrupted
    copy of the rows. `neighbours` [pieces, nearest] uint16: as in `Corruption`, so that the copies can be made again.
    """

    own: np.ndarray
    copies: list[np.ndarray]
    neighbours: np.ndarray


def write_teachers(
    out: Path, labels: SoftLabels, config: TeacherConfig, identity: dict[str, str], accuracies: dict[str, Any]
) -> None:
    """Write labels.safetensors (`own`, `copy.0`, …, `neighbours`) and teachers.json.

    `identity`: the sha256 of what the teachers were trained from; `accuracies`: theirs on the calibration split.
    """
    out.mkdir(parents=True, exist_ok=True)
    tensors = {"own": labels.own, "neighbours": labels.neighbours}
    tensors |= {f"copy.{number}": copy for number, copy in enumerate(labels.copies)}
    write_whole(out / LABELS_FILE, save(tensors))
    write_json(out / TEACHERS_FILE, {"config": asdict(config), "sha256": identity, "accuracy": accuracies})


def read_teachers(folder: Path, identity: dict[str, str]) -> tuple[SoftLabels, TeacherConfig]:
    """Read a folder of training.teach. Raises ValueError where it was made from other inputs than `identity`."""
    about = read_json(folder / TEACHERS_FILE)
    if about["sha256"] != identity:
        raise ValueError(
            f"expected teachers of the prepared rows and encoder {identity}, got {about['sha256']}; teach again"
        )
    config = config_of(about["config"], TeacherConfig)
    tensors = load_file(folder / LABELS_FILE)
    copies = [tensors[f"copy.{number}"] for number in range(len(config.corrupted_shares))]
    return SoftLabels(tensors["own"], copies, tensors["neighbours"]), config
