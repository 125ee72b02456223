"""Fine-tune the whole encoder with an exit ramp after every layer, on all tasks at once.

Usage: python -m training.train --prepared <prepared folder> --encoder <folder> --out <run folder> [--config FILE]
       [--init <weights folder>] [--resume]
"""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from training.checkpoint import CHECKPOINT_FILE
from training.files import sha256_of
from training.prepared import read_inputs
from training.reference import ReferenceModel, bert_config, load_tensors
from training.run_folder import begin
from training.trainer import Trainer
from training.training_config import TrainingConfig, read_config_file
from training.weights import ramp_heads


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
    identity: dict[str, Any] = {
        "config": asdict(config),
        **inputs,
        "init": sha256_of(init / "model.safetensors") if init else None,
    }
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(config.seed)
    model = new_model(encoder, init, config.ramp_dropout)
    begin(out, encoder, identity["config"])
    trainer = Trainer(model, prepared, config, identity, out)
    if resume:
        trainer.resume()
    trainer.run()


def new_model(encoder: Path, init: Path | None, ramp_dropout: float) -> ReferenceModel:
    """Return the model before step 0; new ramps draw from PyTorch's generator.

    BERT's own dropout is left out, since it is slow on a CPU; the trainer puts a faster one in its place.
    """
    config = bert_config(init or encoder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = ReferenceModel(config, ramp_dropout, ramp_heads(init) if init else 0)
    if init is None:
        load_tensors(model, encoder, ramps=False)
    else:
        load_tensors(model, init)
    return model


def main() -> None:
    """Parse the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prepared", type=Path, required=True, help="folder written by training.prepare")
    parser.add_argument("--encoder", type=Path, required=True, help="config.json, model.safetensors, tokenizer.json")
    parser.add_argument("--out", type=Path, required=True, help="run folder")
    parser.add_argument("--config", type=Path, help="JSON with fields of TrainingConfig to replace")
    parser.add_argument("--init", type=Path, help="start from these weights and ramps instead of the bare encoder")
    parser.add_argument("--resume", action="store_true", help="continue from the run folder's checkpoint")
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its choice, or OMP_NUM_THREADS)")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    config = read_config_file(arguments.config)
    train(arguments.prepared, arguments.encoder, arguments.out, config, arguments.init, arguments.resume)


if __name__ == "__main__":
    main()
