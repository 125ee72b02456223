"""The command line of `training/stacked/teach.py`."""

import torch

from training.arguments import command, parsed
from training.fit.config import read_config
from training.stacked.config import TeacherConfig
from training.stacked.inputs import add_stacked_arguments
from training.stacked.teach import teach


def main() -> None:
    """Train the teachers."""
    parser = command(teach, "prepared", "encoder", "out")
    add_stacked_arguments(parser)
    arguments = parsed(parser)
    config = read_config(arguments.config, TeacherConfig)
    teach(arguments.prepared, arguments.encoder, arguments.out, config, torch.device(arguments.device))


if __name__ == "__main__":
    main()
