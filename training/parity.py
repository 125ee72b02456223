"""The command line of `training/export/parity.py`."""

import json
import sys
from dataclasses import asdict

from training.arguments import add_run_arguments, chosen_tasks, command, parsed
from training.export.parity import measure_all, table


def main() -> None:
    """Measure every task, print, and exit with 1 if a bound fails."""
    parser = command(measure_all, "model", "data", optional=("weights",))
    add_run_arguments(parser)
    parser.add_argument("--rows", type=int, help="at most so many seeded dev rows a task; default: all")
    arguments = parsed(parser)
    folders = (arguments.weights, arguments.model, arguments.data)
    tasks = chosen_tasks(arguments)
    results = measure_all(*folders, tasks, arguments.batch_size, arguments.threads, arguments.rows)
    failures = [sentence for result in results for sentence in result.failures()]
    measured = [asdict(result) for result in results]
    print(table(results))
    print(json.dumps({"model": arguments.model.name, "failures": failures, "tasks": measured}))
    print("\n".join(failures), file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
