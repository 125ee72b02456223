"""The command line of `training/report/crossing.py`."""

from training.arguments import add_torch_threads, chosen_tasks, command, parsed
from training.report.crossing import judge_crossing


def main() -> None:
    """Judge."""
    parser = command(judge_crossing, "model", "data")
    parser.add_argument("--tasks", help="comma-separated task keys; default: all")
    parser.add_argument("--measured-rows", type=int, default=500, help="crossing rows a task, at most (default 500)")
    add_torch_threads(parser)
    arguments = parsed(parser)
    judge_crossing(arguments.model, arguments.data, chosen_tasks(arguments), arguments.measured_rows)


if __name__ == "__main__":
    main()
