"""The command line of `training/report/report.py`."""

from training.arguments import command, parsed
from training.report.held_out import hold_out
from training.report.report import report
from training.report.resplit import resplit


def main() -> None:
    """Measure what is asked for, report, and print the card."""
    parser = command(report, "model")
    parser.add_argument(
        "--resplit",
        type=int,
        metavar="N",
        help="first choose and count anew on N divisions of calibration and dev rows",
    )
    parser.add_argument("--held-out", action="store_true", help="first choose each task's points without its labels")
    arguments = parsed(parser)
    if arguments.resplit:
        resplit(arguments.model, arguments.resplit)
    if arguments.held_out:
        hold_out(arguments.model)
    report(arguments.model)
    print((arguments.model / "README.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
