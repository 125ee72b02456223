"""The command line of `training/data/prepare.py`."""

from training.arguments import command, parsed
from training.data.prepare import prepare
from training.data.splits import SplitRule


def main() -> None:
    """Prepare, and print the counts."""
    parser = command(prepare, "data", "encoder", "out")
    parser.add_argument("--size", type=int, default=2000, help="at most so many calibration rows a task (default 2000)")
    parser.add_argument("--share", type=float, default=0.1, help="and at most this share of a task (default 0.1)")
    parser.add_argument("--seed", type=int, default=2410, help="which rows are drawn (default 2410)")
    arguments = parsed(parser)
    rule = SplitRule(arguments.size, arguments.share, arguments.seed)
    about = prepare(arguments.data, arguments.encoder, arguments.out, rule)
    for key, counts in about["tasks"].items():
        train, calibration = counts["train"], counts["calibration"]
        print(
            f"{key:5} {train['rows']:6} train rows ({train['tokens']} tokens), "
            f"{calibration['rows']} calibration rows, {counts['dropped']} dropped"
        )


if __name__ == "__main__":
    main()
