"""The command line of `training/export/export.py`."""

from training.arguments import command, parsed
from training.export.export import export


def main() -> None:
    """Export."""
    arguments = parsed(command(export, "weights", "out", optional=("prepared",)))
    export(arguments.weights, arguments.out, arguments.prepared)


if __name__ == "__main__":
    main()
