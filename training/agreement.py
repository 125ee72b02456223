"""How often q8 gives fp16's label, on rows of the calibration split.

Prints a table: percent at the last and at the worst exit, and the mean absolute change of the last exit's margin
(fp16's best logit less its second), which tells variants apart where labels on few rows do not.
Usage: python -m training.agreement --model public/models/<id> --prepared <prepared folder>
"""

from training.arguments import add_run_arguments, chosen_tasks, command, parsed
from training.export.agreement import print_agreement


def main() -> None:
    """Measure, and print a row a task."""
    parser = command(__doc__, "model", "prepared")
    add_run_arguments(parser)
    parser.add_argument("--rows", type=int, help="at most so many seeded rows a task; default: all")
    arguments = parsed(parser)
    tasks = chosen_tasks(arguments)
    print_agreement(arguments.model, arguments.prepared, tasks, arguments.batch_size, arguments.threads, arguments.rows)


if __name__ == "__main__":
    main()
