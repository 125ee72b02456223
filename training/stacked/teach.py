"""Train the teachers: several encoders side by side, none of which sees all rows, and what they say about the rows.

Every recipe is trained once a fold, without the fold's rows. A row's label is what the teachers say that did not see
it: what a model says about rows that it has learnt by heart tells little.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from training.data.glue import TASKS
from training.data.prepared import Prepared
from training.data.tasks import total_classes
from training.fit.config import expect_tasks
from training.fit.inputs import read_inputs
from training.model.weights import read_tensors
from training.stacked.config import TeacherConfig
from training.stacked.corruption import Corruption, corrupted_copies, nearest_words, whole_words
from training.stacked.evaluation import class_probabilities, exit_accuracies, mean_accuracies, predicted_logits
from training.stacked.inputs import read_tokenizer
from training.stacked.model import Ladder
from training.stacked.rows import RowTable, row_table, task_pools
from training.stacked.soft_labels import SoftLabels, write_teachers
from training.stacked.stack import Stack
from training.stacked.trainer import StackTrainer
from training.stacked.weights import read_ladder, start_from_encoder

_LAST_EXIT = slice(-1, None)
_ALL_EXITS = slice(None)


def teach(prepared_folder: Path, encoder: Path, out: Path, config: TeacherConfig, device: torch.device) -> None:
    """Train the teachers from the encoder with new ramps; write their labels and accuracies.

    Raises ValueError where the folders or the config do not belong together, and FloatingPointError as `StackTrainer`.
    """
    prepared, identity = read_inputs(prepared_folder, encoder)
    expect_tasks(config, prepared.tasks)
    corruption = _corruption(prepared, encoder, config)
    ladder = read_ladder(encoder, device)
    table = row_table(prepared.train, config.shared_rows_weight, device)
    folds = np.random.default_rng(config.seed).integers(0, config.folds, len(table))
    recipes = [recipe for recipe in config.recipes for _ in range(config.folds)]
    pools = [task_pools(table, config.task_shares, folds != member % config.folds) for member in range(len(recipes))]
    first = start_from_encoder(encoder, ladder.shape, len(recipes), config.seed)
    stack = Stack(ladder.shape, first, len(recipes), device)
    StackTrainer(stack, ladder, table, pools, recipes, config).run()
    accuracies = _accuracies(stack, ladder, row_table(prepared.calibration, 0.0, device), config)
    copies = corrupted_copies(table, corruption, config.corrupted_shares, config.seed)
    labels = SoftLabels(
        own=_unseen_labels(stack, ladder, table, folds, config),
        copies=[_stored(_probabilities(stack, ladder, copy, np.arange(len(copy)))) for copy in copies],
        neighbours=corruption.neighbours,
    )
    write_teachers(out, labels, config, identity, accuracies)


def _corruption(prepared: Prepared, encoder: Path, config: TeacherConfig) -> Corruption:
    tokenizer, mask = read_tokenizer(encoder)
    words = whole_words(tokenizer.get_vocab(), (prepared.train, prepared.calibration))
    table = read_tensors(encoder)["embeddings.word_embeddings.weight"]
    return Corruption(nearest_words(table, words, config.nearest_words), mask, config.masked_share)


def _accuracies(stack: Stack, ladder: Ladder, calibration: RowTable, config: TeacherConfig) -> dict[str, Any]:
    """Each member's and their mean probabilities' accuracies; print the mean over tasks of each."""
    logits = predicted_logits(stack, ladder, calibration, np.arange(len(calibration)), _ALL_EXITS)
    members = []
    for member, own in enumerate(logits):
        recipe, fold = divmod(member, config.folds)
        accuracy = exit_accuracies(own, calibration)
        members.append({"recipe": config.recipes[recipe].name, "fold": fold, "accuracy": accuracy})
    mean = exit_accuracies(class_probabilities(logits).mean(dim=0), calibration)
    for member in members:
        print(f"{member['recipe']}, fold {member['fold']}: {mean_accuracies(member['accuracy'])}")
    print(f"mean of all: {mean_accuracies(mean)}")
    return {"members": members, "mean": mean}


def _unseen_labels(
    stack: Stack, ladder: Ladder, table: RowTable, folds: np.ndarray, config: TeacherConfig
) -> np.ndarray:
    labels = torch.zeros(len(table), total_classes(TASKS))
    for fold in range(config.folds):
        rows = np.flatnonzero(folds == fold)
        unaware = stack.means([(member,) for member in range(fold, len(stack), config.folds)])
        labels[torch.from_numpy(rows)] = _probabilities(unaware, ladder, table, rows)
    return _stored(labels)


def _probabilities(stack: Stack, ladder: Ladder, table: RowTable, rows: np.ndarray) -> Tensor:
    """The mean over members of the last exit's probabilities, [rows, classes] float32."""
    return class_probabilities(predicted_logits(stack, ladder, table, rows, _LAST_EXIT)[:, :, 0]).mean(dim=0)


def _stored(probabilities: Tensor) -> np.ndarray:
    return probabilities.half().numpy()
