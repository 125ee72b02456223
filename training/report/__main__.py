"""The command line of `training/report/report.py`."""

from training.arguments import command, parsed
from training.report.report import report


def main() -> None:
    """Report, and print the card."""
    arguments = parsed(command(report, "model"))
    report(arguments.model)
    print((arguments.model / "README.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
