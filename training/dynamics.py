"""The command line of `training/calibration/dynamics.py`."""

from training.arguments import command, parsed
from training.calibration.dynamics import record_dynamics


def main() -> None:
    """Record."""
    parser = command(record_dynamics, "run", "prepared")
    parser.add_argument("--rows", type=int, default=600, help="train rows a task (default 600)")
    arguments = parsed(parser)
    record_dynamics(arguments.run, arguments.prepared, arguments.rows)


if __name__ == "__main__":
    main()
