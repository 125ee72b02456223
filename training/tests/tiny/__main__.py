"""The command line of `training/tests/tiny/folder.py`."""

from training.arguments import command, parsed
from training.tests.tiny.folder import write_tiny_model


def main() -> None:
    """Write the folder."""
    write_tiny_model(parsed(command(write_tiny_model, "out")).out)


if __name__ == "__main__":
    main()
