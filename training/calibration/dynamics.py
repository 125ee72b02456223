"""Training dynamics: the true class's probability after every epoch, for a sample of the rows trained on."""

from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save

from training.calibration.probabilities import softmax
from training.data.files import write_whole
from training.data.prepared import EncodedRows, read_prepared
from training.data.tokenise import padded_batches
from training.model.reference import ReferenceModel, bert_config, load_tensors
from training.model.weights import ramp_heads

DYNAMICS_FILE = "dynamics.safetensors"
_SEED = 2410
_BATCH_ROWS = 64


def record_dynamics(run: Path, prepared_folder: Path, rows: int) -> None:
    """Write dynamics.safetensors: per task `rows` [rows] int64 and `confidence` [epochs, rows] float32.

    `rows` index the prepared train rows, drawn with a fixed seed, the same for every epoch. Raises FileNotFoundError
    for a run folder without epoch-NN.safetensors.
    """
    epochs = sorted(run.glob("epoch-*.safetensors"))
    if not epochs:
        raise FileNotFoundError("expected epoch-NN.safetensors in the run folder; training.train writes them")
    prepared = read_prepared(prepared_folder)
    train = prepared.train
    random = np.random.default_rng(_SEED)
    drawn = {task: np.sort(random.permutation(len(split))[:rows]) for task, split in train.items()}
    confidence: dict[str, list[np.ndarray]] = {task: [] for task in train}
    for epoch in epochs:
        model = ReferenceModel(bert_config(run), prepared.tasks, ramp_heads=ramp_heads(run, epoch.name))
        load_tensors(model, run, file=epoch.name)
        for task, split in train.items():
            confidence[task].append(_true_class(model.eval(), task, split, drawn[task]))
        print(f"{epoch.name}: " + ", ".join(f"{task} {parts[-1].mean():.3f}" for task, parts in confidence.items()))
    tensors = {f"{task}.rows": chosen for task, chosen in drawn.items()}
    tensors |= {f"{task}.confidence": np.stack(parts).astype(np.float32) for task, parts in confidence.items()}
    write_whole(run / DYNAMICS_FILE, save(tensors))


def read_dynamics(path: Path, task: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a task's `rows` and `confidence` as `record_dynamics` wrote them."""
    tensors = load_file(path)
    return tensors[f"{task}.rows"], tensors[f"{task}.confidence"]


@torch.inference_mode()
def _true_class(model: ReferenceModel, task: str, split: EncodedRows, rows: np.ndarray) -> np.ndarray:
    result = np.empty(len(rows))
    for batch in padded_batches(split.all_encoded(rows), _BATCH_ROWS):
        probabilities = softmax(model.task_logits(batch, task)[:, -1].numpy())
        result[batch.rows] = probabilities[np.arange(len(batch.rows)), split.gold[rows[batch.rows]]]
    return result
