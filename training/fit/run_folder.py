"""The run folder: weights that training.export takes, and training.json, which tells where they came from."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from safetensors.torch import save

from training.data.files import write_json, write_whole
from training.data.glue import TRAIN_ROWS, are_glue
from training.data.rows import write_tasks
from training.data.tasks import Task
from training.model.provenance import TRAINING_FILE, describe_encoder
from training.model.reference import ReferenceModel, stored_tensors

_TRAIN_ROWS = "the train rows of its tasks, without the calibration rows and every row that shares a text with them"
_SPLIT = "calibration rows are set aside from train before training and evaluated after every epoch; dev is not read"


def begin(out: Path, encoder: Path, tasks: Sequence[Task], config: dict[str, Any] | None = None) -> None:
    """Create a weights folder: the encoder's config.json and tokenizer.json, tasks.json, and training-config.json."""
    out.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json"):
        shutil.copyfile(encoder / name, out / name)
    write_tasks(out, tasks)
    if config is not None:
        write_json(out / "training-config.json", config)


def write_results(
    out: Path, model: ReferenceModel, identity: dict[str, Any], prepared: dict[str, Any], curve: list[dict[str, Any]]
) -> None:
    """Write epoch-NN.safetensors, model.safetensors (the same) and training.json.

    `identity` holds the run's config and the sha256 of its inputs, `prepared` is prepared.json, `curve` the
    evaluations, one an epoch, the latest last. Weights are stored as float16.
    """
    epoch, epochs = curve[-1]["epoch"], identity["config"]["epochs"]
    content = save(stored_tensors(model))
    for name in (f"epoch-{epoch:02d}.safetensors", "model.safetensors"):
        write_whole(out / name, content)
    write_json(
        out / TRAINING_FILE,
        {
            "status": f"trained by training.train to step {curve[-1]['step']}, in epoch {epoch} of {epochs}",
            "encoder": describe_encoder(identity["encoder"]),
            "initSha256": identity["init"],
            "data": TRAIN_ROWS if are_glue(model.tasks) else _TRAIN_ROWS,
            "split": _SPLIT,
            "preparedSha256": identity["prepared"],
            "tasks": prepared["tasks"],
            "config": identity["config"],
            "curve": curve,
        },
    )
