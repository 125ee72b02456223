"""Fine-tune the whole encoder with an exit ramp after every layer, on all tasks at once."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from training.data.files import sha256_of
from training.data.tasks import Task
from training.fit.checkpoint import CHECKPOINT_FILE
from training.fit.config import expect_tasks
from training.fit.inputs import read_inputs
from training.fit.run_folder import begin
from training.fit.trainer import Trainer
from training.fit.training_config import TrainingConfig
from training.model.reference import ReferenceModel, bert_config, load_tensors
from training.model.weights import ramp_heads


def train(
    prepared_folder: Path, encoder: Path, out: Path, config: TrainingConfig, init: Path | None, resume: bool
) -> None:
    """Train to the end of the schedule, from the encoder with new ramps or from `init` with its own.

    Raises ValueError where the folders do not belong together, FileExistsError for a run folder that holds a
    checkpoint and is not to be resumed, and as `Trainer` does.
    """
    if not resume and (out / CHECKPOINT_FILE).exists():
        raise FileExistsError(f"expected a run folder without {CHECKPOINT_FILE}; continue that run with --resume")
    prepared, inputs = read_inputs(prepared_folder, encoder)
    expect_tasks(config, prepared.tasks)
    identity: dict[str, Any] = {
        "config": asdict(config),
        **inputs,
        "init": sha256_of(init / "model.safetensors") if init else None,
    }
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(config.seed)
    model = new_model(encoder, init, prepared.tasks, config.ramp_dropout)
    begin(out, encoder, prepared.tasks, identity["config"])
    trainer = Trainer(model, prepared, config, identity, out)
    if resume:
        trainer.resume()
    trainer.run()


def new_model(encoder: Path, init: Path | None, tasks: Sequence[Task], ramp_dropout: float) -> ReferenceModel:
    """Return the model before step 0; new ramps draw from PyTorch's generator.

    BERT's own dropout is left out, since it is slow on a CPU; the trainer puts a faster one in its place.
    """
    config = bert_config(init or encoder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = ReferenceModel(config, tasks, ramp_dropout, ramp_heads(init) if init else 0)
    if init is None:
        load_tensors(model, encoder, ramps=False)
    else:
        load_tensors(model, init)
    return model
