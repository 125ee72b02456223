"""The command line of `training/calibration/trace.py`."""

from training.arguments import add_run_arguments, chosen_tasks, command, parsed
from training.calibration.trace import trace_dev


def main() -> None:
    """Record."""
    parser = command(trace_dev, "model", "data")
    add_run_arguments(parser)
    arguments = parsed(parser)
    trace_dev(arguments.model, arguments.data, chosen_tasks(arguments), arguments.batch_size, arguments.threads)


if __name__ == "__main__":
    main()
