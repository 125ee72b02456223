"""The command line of `training/fit/interpolate.py`."""

from training.arguments import command, parsed
from training.fit.interpolate import interpolate


def main() -> None:
    """Interpolate."""
    parser = command(interpolate, "weights", "encoder", "out")
    parser.add_argument("--share", type=float, default=0.9, help="of the trained body (default 0.9)")
    arguments = parsed(parser)
    interpolate(arguments.weights, arguments.encoder, arguments.out, arguments.share)


if __name__ == "__main__":
    main()
