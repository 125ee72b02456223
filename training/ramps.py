"""Give trained weights new exit ramps: the body stays, and every ramp learns to say what the last exit says.

Usage: python -m training.ramps --weights <weights folder> --prepared <prepared folder> --out <weights folder>
       [--config FILE] [--threads N]

The body runs once for what the last exit says and once more, layer by layer, for the ramps. Finished ramps are kept in
the out folder: a command that was stopped goes on after the last of them when it is given again.
"""

from pathlib import Path

from training.arguments import add_torch_threads, command, parsed
from training.fit.config import read_config
from training.fit.ramp_config import RampConfig
from training.fit.ramps import retrain_ramps


def main() -> None:
    """Train the ramps."""
    parser = command(__doc__, "weights", "prepared", "out")
    parser.add_argument("--config", type=Path, help="JSON with fields of training/fit/ramp_config.py to replace")
    add_torch_threads(parser)
    arguments = parsed(parser)
    retrain_ramps(arguments.weights, arguments.prepared, arguments.out, read_config(arguments.config, RampConfig))


if __name__ == "__main__":
    main()
