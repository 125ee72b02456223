"""The command line of `training/fit/train.py`."""

from pathlib import Path

from training.arguments import add_torch_threads, command, parsed
from training.fit.config import read_config
from training.fit.train import train
from training.fit.training_config import TrainingConfig


def main() -> None:
    """Train."""
    parser = command(train, "prepared", "encoder", "out", optional=("init",))
    parser.add_argument("--config", type=Path, help="JSON with fields of training/fit/training_config.py to replace")
    parser.add_argument("--resume", action="store_true", help="continue from the out folder's checkpoint")
    add_torch_threads(parser)
    arguments = parsed(parser)
    config = read_config(arguments.config, TrainingConfig)
    train(arguments.prepared, arguments.encoder, arguments.out, config, arguments.init, arguments.resume)


if __name__ == "__main__":
    main()
