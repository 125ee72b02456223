"""The command line of `training/stacked/distil.py`."""

import torch

from training.arguments import command, parsed
from training.fit.config import read_config
from training.stacked.config import StudentConfig
from training.stacked.distil import distil
from training.stacked.inputs import add_stacked_arguments


def main() -> None:
    """Train the students."""
    parser = command(distil, "prepared", "encoder", "teachers", "out", optional=("init",))
    add_stacked_arguments(parser)
    arguments = parsed(parser)
    config = read_config(arguments.config, StudentConfig)
    folders = (arguments.prepared, arguments.encoder, arguments.teachers, arguments.out)
    distil(*folders, config, arguments.init, torch.device(arguments.device))


if __name__ == "__main__":
    main()
