"""The command line of `training/calibration/calibrate.py`."""

from pathlib import Path

from training.arguments import add_run_arguments, chosen_tasks, command, parsed
from training.calibration.calibrate import calibrate


def main() -> None:
    """Calibrate."""
    parser = command(calibrate, "model", "prepared")
    add_run_arguments(parser)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--dynamics", type=Path, help="dynamics.safetensors of the training run, for DIMEC-DC's pools")
    source.add_argument("--pools-of", type=Path, help="or a model folder with the same embeddings that has these pools")
    arguments = parsed(parser)
    calibrate(
        arguments.model,
        arguments.prepared,
        arguments.dynamics,
        chosen_tasks(arguments),
        arguments.batch_size,
        arguments.threads,
        arguments.pools_of,
    )


if __name__ == "__main__":
    main()
