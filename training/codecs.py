"""The command line of `training/payload/codecs.py`."""

from pathlib import Path

from training.arguments import add_torch_threads, chosen_tasks, command, parsed
from training.payload.codecs import fit_codecs, measure_dev


def main() -> None:
    """Fit, or measure dev."""
    parser = command(fit_codecs, "model")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--prepared", type=Path, help="fit: folder written by training.prepare")
    source.add_argument(
        "--data", type=Path, help="measure only: folder with one folder a task, whose dev rows are read"
    )
    parser.add_argument("--rows", type=int, default=1000, help="train rows a task to fit on (default 1000)")
    parser.add_argument("--measured-rows", type=int, default=1000, help="rows a task to measure (default 1000)")
    parser.add_argument("--tasks", help="with --data: comma-separated task keys; default: all")
    parser.add_argument("--layers", type=_numbers, help="with --data: comma-separated layers; default: all")
    add_torch_threads(parser)
    arguments = parsed(parser)
    if arguments.prepared:
        fit_codecs(arguments.model, arguments.prepared, arguments.rows, arguments.measured_rows)
    else:
        tasks = chosen_tasks(arguments)
        measure_dev(arguments.model, arguments.data, arguments.measured_rows, tasks, arguments.layers)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    main()
