"""Train students on what the teachers say, side by side, and keep the one that answers best.

The students, and the averages of them that the config names, are measured on the calibration split. After every epoch
epoch-NN.safetensors holds the first student, for training.dynamics.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save

from training.data.files import read_json, sha256_of, write_json, write_whole
from training.data.glue import TASKS, TRAIN_ROWS
from training.data.prepared import EncodedRows
from training.fit.config import expect_tasks, shares_of_layers
from training.fit.inputs import read_inputs
from training.fit.run_folder import begin
from training.model.provenance import TRAINING_FILE, describe_encoder
from training.model.weights import WEIGHTS_FILE
from training.stacked.config import StudentConfig, TeacherConfig
from training.stacked.corruption import Corruption, corrupted_copies
from training.stacked.distilled_rows import distilled_pools, distilled_table
from training.stacked.evaluation import exit_accuracies, mean_accuracies, predicted_logits, score
from training.stacked.inputs import read_tokenizer
from training.stacked.model import Ladder
from training.stacked.rows import RowTable, row_table
from training.stacked.soft_labels import LABELS_FILE, SoftLabels, read_teachers
from training.stacked.stack import Stack
from training.stacked.trainer import StackTrainer
from training.stacked.weights import read_ladder, start_from_encoder, start_from_weights, stored_parameters

_DATA = (
    f"{TRAIN_ROWS} Also what teachers trained on other rows (training.teach) say about each, and copies in which words "
    "are replaced."
)
_SPLIT = (
    "calibration rows are set aside from train before training and choose among the students and their averages; dev "
    "is not read"
)


def distil(
    prepared_folder: Path,
    encoder: Path,
    teachers: Path,
    out: Path,
    config: StudentConfig,
    init: Path | None,
    device: torch.device,
) -> None:
    """Train the students from the encoder with new ramps, or all from `init`; write the best as a weights folder.

    Raises ValueError where the folders or the config do not belong together, and FloatingPointError as `StackTrainer`.
    """
    prepared, identity = read_inputs(prepared_folder, encoder)
    expect_tasks(config, prepared.tasks)
    labels, taught = read_teachers(teachers, identity)
    ladder = read_ladder(encoder, device)
    score_shares = shares_of_layers(config.score_weights, ladder.shape.layers)
    groups = [*((student,) for student in range(len(config.recipes))), *config.averages]
    students = _students(ladder, encoder, config, init, device)
    rows = row_table(prepared.train, config.shared_rows_weight, device)
    learnt = _learnt(rows, encoder, labels, taught, config)
    pools = distilled_pools(rows, len(labels.copies), config)
    trainer = StackTrainer(students, ladder, learnt, [pools] * len(students), config.recipes, config)
    begin(out, encoder, TASKS, asdict(config))
    trainer.run(lambda epoch: _write_member(out / f"epoch-{epoch:02d}.safetensors", students, 0, encoder))
    candidates = students.means(groups)
    names = [" + ".join(config.recipes[student].name for student in group) for group in groups]
    accuracies = _accuracies(candidates, ladder, prepared.calibration)
    scores = [score(accuracy, score_shares) for accuracy in accuracies]
    for name, value, accuracy in zip(names, scores, accuracies, strict=True):
        print(f"{name}: score {value}, exits {mean_accuracies(accuracy)}")
    best = int(np.argmax(scores))
    _write_member(out / WEIGHTS_FILE, candidates, best, encoder)
    write_json(
        out / TRAINING_FILE,
        {
            "status": f"trained by training.distil to step {trainer.steps}; best of {len(names)}: {names[best]}",
            "encoder": describe_encoder(identity["encoder"]),
            **(_describe_init(init) if init else {}),
            "data": _DATA,
            "split": _SPLIT,
            "preparedSha256": identity["prepared"],
            "tasks": prepared.about["tasks"],
            "config": asdict(config),
            "teachers": {"labelsSha256": sha256_of(teachers / LABELS_FILE), "config": asdict(taught)},
            "scores": dict(zip(names, scores, strict=True)),
            "curve": [{"epoch": config.epochs, "step": trainer.steps, "accuracy": accuracies[best]}],
        },
    )


def _describe_init(init: Path) -> dict[str, Any]:
    training = init / TRAINING_FILE
    known = read_json(training, {})
    return {"initSha256": sha256_of(init / WEIGHTS_FILE), "initConfig": known.get("config")}


def _students(ladder: Ladder, encoder: Path, config: StudentConfig, init: Path | None, device: torch.device) -> Stack:
    members = len(config.recipes)
    if init is None:
        first = start_from_encoder(encoder, ladder.shape, members, config.seed)
    else:
        first = start_from_weights(init, encoder)
    return Stack(ladder.shape, first, members, device)


def _learnt(
    table: RowTable, encoder: Path, labels: SoftLabels, taught: TeacherConfig, config: StudentConfig
) -> RowTable:
    _, mask = read_tokenizer(encoder)
    corruption = Corruption(labels.neighbours, mask, taught.masked_share)
    copies = corrupted_copies(table, corruption, taught.corrupted_shares, taught.seed)
    return distilled_table(table, copies, labels, config)


def _accuracies(candidates: Stack, ladder: Ladder, calibration: dict[str, EncodedRows]) -> list[dict[str, list[float]]]:
    """Each candidate's accuracies on the calibration split."""
    rows = row_table(calibration, 0.0, candidates.values.device)
    logits = predicted_logits(candidates, ladder, rows, np.arange(len(rows)), slice(None))
    return [exit_accuracies(own, rows) for own in logits]


def _write_member(path: Path, stack: Stack, member: int, encoder: Path) -> None:
    parameters = {name: value[member] for name, value in stack.views(torch.float32).items()}
    write_whole(path, save(stored_parameters(parameters, encoder)))
