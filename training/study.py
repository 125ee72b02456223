"""The command line of `training/fit/study.py`."""

import torch

from training.arguments import add_torch_threads, command, parsed
from training.fit.study import Study
from training.fit.study_rows import StudyRows


def main() -> None:
    """Run the study and print its table."""
    parser = command(Study, "prepared", "encoder", "init", "out")
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
