"""The command line of `training/fit/ramps.py`."""

from pathlib import Path

from training.arguments import add_torch_threads, command, parsed
from training.fit.config import read_config
from training.fit.ramp_config import RampConfig
from training.fit.ramps import retrain_ramps


def main() -> None:
    """Train the ramps."""
    parser = command(retrain_ramps, "weights", "prepared", "out")
    parser.add_argument("--config", type=Path, help="JSON with fields of training/fit/ramp_config.py to replace")
    add_torch_threads(parser)
    arguments = parsed(parser)
    retrain_ramps(arguments.weights, arguments.prepared, arguments.out, read_config(arguments.config, RampConfig))


if __name__ == "__main__":
    main()
