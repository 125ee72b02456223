"""The command line of `training/export/agreement.py`."""

from training.arguments import add_run_arguments, chosen_tasks, command, parsed
from training.export.agreement import print_agreement


def main() -> None:
    """Measure, and print a row a task."""
    parser = command(print_agreement, "model", "prepared")
    add_run_arguments(parser)
    parser.add_argument("--rows", type=int, help="at most so many seeded rows a task; default: all")
    arguments = parsed(parser)
    tasks = chosen_tasks(arguments)
    print_agreement(arguments.model, arguments.prepared, tasks, arguments.batch_size, arguments.threads, arguments.rows)


if __name__ == "__main__":
    main()
