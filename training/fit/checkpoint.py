"""All that an interrupted run needs to go on as if nothing had happened."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.data.files import write_whole

CHECKPOINT_FILE = "checkpoint.pt"


@dataclass(frozen=True)
class Checkpoint:
    """The state before `step` (0-based, over all epochs).

    Sampler and schedule are functions of `step`. `identity`: what must be the same for the rest of the run (config,
    sha256 of the inputs). `random_state` [bytes] uint8: PyTorch's generator, which dropout draws from. `curve`: the
    evaluations so far.
    """

    step: int
    identity: dict[str, Any]
    model: dict[str, Tensor]
    optimiser: dict[str, Any]
    random_state: Tensor
    curve: list[dict[str, Any]]


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Replace the folder's checkpoint; killed at any moment, this leaves the old one or the new one."""
    content = io.BytesIO()
    torch.save(vars(checkpoint), content)
    write_whole(folder / CHECKPOINT_FILE, content.getvalue())


def read_checkpoint(folder: Path, identity: dict[str, Any]) -> Checkpoint:
    """Read the folder's checkpoint.

    Raises FileNotFoundError where there is none and ValueError where config or inputs are not those it was made with.
    """
    path = folder / CHECKPOINT_FILE
    if not path.exists():
        raise FileNotFoundError(f"expected {CHECKPOINT_FILE} in the run folder to resume from; start without --resume")
    checkpoint = Checkpoint(**torch.load(path, weights_only=True))
    different = sorted(name for name in identity if identity[name] != checkpoint.identity.get(name))
    if different:
        raise ValueError(
            f"expected the {', '.join(different)} that this run began with; "
            "resume with the same, or start a new run folder"
        )
    return checkpoint
