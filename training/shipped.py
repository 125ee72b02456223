"""The command line of `training/report/shipped.py`."""

from training.arguments import add_run_arguments, chosen_tasks, command, parsed
from training.report.shipped import record_shipped


def main() -> None:
    """Record."""
    parser = command(record_shipped, "model", "data")
    add_run_arguments(parser)
    arguments = parsed(parser)
    record_shipped(arguments.model, arguments.data, chosen_tasks(arguments), arguments.batch_size, arguments.threads)


if __name__ == "__main__":
    main()
