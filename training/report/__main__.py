"""Report what the model does on dev, with everything chosen on the calibration split: report.json and the model card.

Usage: python -m training.report --model public/models/<id>

Reads the model folder alone: manifest, traces, policies/, and the measurements that training.parity and
training.codecs left there.
"""

from training.arguments import command, parsed
from training.report.report import report


def main() -> None:
    """Report, and print the card."""
    arguments = parsed(command(__doc__, "model"))
    report(arguments.model)
    print((arguments.model / "README.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
