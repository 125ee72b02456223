"""Export trained weights as one ONNX file a layer, with manifest.json and parity.json.

Usage: python -m training.export --weights <weights folder> --out public/models/<id> [--prepared <prepared folder>]
"""

from training.arguments import command, parsed
from training.export.export import export


def main() -> None:
    """Export."""
    arguments = parsed(command(__doc__, "weights", "out", optional=("prepared",)))
    export(arguments.weights, arguments.out, arguments.prepared)


if __name__ == "__main__":
    main()
