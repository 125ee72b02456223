"""What makes early exits good: short runs from the same weights, each with one thing changed, against plain.

Usage: python -m training.study --prepared <prepared folder> --encoder <folder> --init <weights folder> --out <folder>
       [--variants plain,uniform,...] [--rows 576]

Finished variants are skipped, and an interrupted one goes on from its checkpoint. Writes study.json and table.md after
every variant, and prints the table at the end.
"""

import torch

from training.arguments import add_torch_threads, command, parsed
from training.fit.study import Study
from training.fit.study_rows import StudyRows


def main() -> None:
    """Run the study and print its table."""
    parser = command(__doc__, "prepared", "encoder", "init", "out")
    parser.add_argument("--variants", help="only these, comma-separated, and plain (default: all)")
    parser.add_argument("--rows", type=int, default=StudyRows.epoch, help="rows a task in an epoch (%(default)s)")
    add_torch_threads(parser)
    arguments = parsed(parser)
    torch.use_deterministic_algorithms(True)
    rows = StudyRows(epoch=arguments.rows)
    study = Study(arguments.prepared, arguments.encoder, arguments.init, arguments.out, rows)
    print(study.run(arguments.variants.split(",") if arguments.variants else None))


if __name__ == "__main__":
    main()
