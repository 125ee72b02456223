"""The command line of `training/export/quantise.py`."""

from training.arguments import command, parsed
from training.export.quantise import quantise


def main() -> None:
    """Quantise."""
    arguments = parsed(command(quantise, "model", optional=("prepared",)))
    quantise(arguments.model, arguments.prepared)


if __name__ == "__main__":
    main()
