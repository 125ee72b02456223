"""Accuracy of every exit on the calibration split."""

import numpy as np
import torch

from training.prepared import EncodedRows
from training.reference import ReferenceModel
from training.tokenise import padded_batches

_BATCH_ROWS = 64


@torch.inference_mode()
def exit_accuracies(model: ReferenceModel, calibration: dict[str, EncodedRows]) -> dict[str, list[float]]:
    """Return {task: accuracy of each exit in percent}, rounded to 0.01; tasks without rows are left out.

    Leaves the model in training mode, and draws nothing from the random generators.
    """
    model.eval()
    accuracies: dict[str, list[float]] = {}
    for task, rows in calibration.items():
        hits = []
        for batch in padded_batches([rows.encoded(row) for row in range(len(rows))], _BATCH_ROWS):
            labels = model.task_logits(batch, task).argmax(dim=-1).numpy()
            hits.append(labels == rows.gold[batch.rows][:, np.newaxis])
        if hits:
            accuracies[task] = np.round(np.concatenate(hits).mean(axis=0) * 100, 2).tolist()
    model.train()
    return accuracies
