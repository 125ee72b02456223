"""What every exit gets right on the calibration split."""

import numpy as np
import torch

from training.data.prepared import EncodedRows
from training.data.tokenise import padded_batches
from training.model.reference import ReferenceModel

_BATCH_ROWS = 64


def exit_accuracies(model: ReferenceModel, calibration: dict[str, EncodedRows]) -> dict[str, list[float]]:
    """Return {task: accuracy of each exit in percent}, rounded to 0.01; otherwise as `exit_hits`."""
    hits = exit_hits(model, calibration)
    return {task: np.round(values.mean(axis=0) * 100, 2).tolist() for task, values in hits.items()}


@torch.inference_mode()
def exit_hits(model: ReferenceModel, calibration: dict[str, EncodedRows]) -> dict[str, np.ndarray]:
    """Return {task: [rows, layers] bool, whether an exit's label is the gold one}; tasks without rows are left out.

    Leaves the model in training mode, and draws nothing from the random generators.
    """
    model.eval()
    hits: dict[str, np.ndarray] = {}
    for task, rows in calibration.items():
        if len(rows) == 0:
            continue
        hits[task] = np.zeros((len(rows), len(model.exit_ramps)), bool)
        for batch in padded_batches(rows.all_encoded(), _BATCH_ROWS):
            labels = model.task_logits(batch, task).argmax(dim=-1).numpy()
            hits[task][batch.rows] = labels == rows.gold[batch.rows][:, np.newaxis]
    model.train()
    return hits
