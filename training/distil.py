"""Train students on what the teachers say, side by side, and keep the one that answers best.

Usage: python -m training.distil --prepared <prepared folder> --encoder <encoder folder> --teachers <teachers folder>
       --out <weights folder> [--init <weights folder>] [--config FILE] [--device cuda|cpu]

The students, and the averages of them that the config names, are measured on the calibration split. After every epoch
epoch-NN.safetensors holds the first student, for training.dynamics.
"""

import torch

from training.arguments import command, parsed
from training.fit.config import read_config
from training.stacked.config import StudentConfig
from training.stacked.distil import distil
from training.stacked.inputs import add_stacked_arguments


def main() -> None:
    """Train the students."""
    parser = command(__doc__, "prepared", "encoder", "teachers", "out", optional=("init",))
    add_stacked_arguments(parser)
    arguments = parsed(parser)
    config = read_config(arguments.config, StudentConfig)
    folders = (arguments.prepared, arguments.encoder, arguments.teachers, arguments.out)
    distil(*folders, config, arguments.init, torch.device(arguments.device))


if __name__ == "__main__":
    main()
