"""Move a trained body part of the way back to the encoder that it started from: WiSE-FT.

Usage: python -m training.interpolate --weights <weights folder> --encoder <encoder folder> --out <weights folder>
       [--share 0.9]

Fine-tuning on small data sets overfits; between the two ends lies a body that generalises better (Wortsman et al.,
arXiv 2109.01903). The ramps, which the encoder does not have, stay as trained.
"""

from training.arguments import command, parsed
from training.fit.interpolate import interpolate


def main() -> None:
    """Interpolate."""
    parser = command(__doc__, "weights", "encoder", "out")
    parser.add_argument("--share", type=float, default=0.9, help="of the trained body (default 0.9)")
    arguments = parsed(parser)
    interpolate(arguments.weights, arguments.encoder, arguments.out, arguments.share)


if __name__ == "__main__":
    main()
