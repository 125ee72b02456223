"""The command line of `training/data/leakage.py`."""

from training.arguments import command, parsed
from training.data.leakage import print_leakage


def main() -> None:
    """Count."""
    arguments = parsed(command(print_leakage, "data"))
    print_leakage(arguments.data)


if __name__ == "__main__":
    main()
