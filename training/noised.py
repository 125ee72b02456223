"""The command line of `training/calibration/noised.py`."""

from training.arguments import add_run_arguments, chosen_tasks, command, parsed
from training.calibration.noised import trace_noised


def main() -> None:
    """Record."""
    parser = command(trace_noised, "model", "data")
    add_run_arguments(parser)
    arguments = parsed(parser)
    trace_noised(arguments.model, arguments.data, chosen_tasks(arguments), arguments.batch_size, arguments.threads)


if __name__ == "__main__":
    main()
