"""Train the teachers: several encoders side by side, none of which sees all rows, and what they say about the rows.

Usage: python -m training.teach --prepared <prepared folder> --encoder <encoder folder> --out <teachers folder>
       [--config FILE] [--device cuda|cpu]

Every recipe is trained once a fold, without the fold's rows. A row's label is what the teachers say that did not see
it: what a model says about rows that it has learnt by heart tells little.
"""

import torch

from training.arguments import command, parsed
from training.fit.config import read_config
from training.stacked.config import TeacherConfig
from training.stacked.inputs import add_stacked_arguments
from training.stacked.teach import teach


def main() -> None:
    """Train the teachers."""
    parser = command(__doc__, "prepared", "encoder", "out")
    add_stacked_arguments(parser)
    arguments = parsed(parser)
    config = read_config(arguments.config, TeacherConfig)
    teach(arguments.prepared, arguments.encoder, arguments.out, config, torch.device(arguments.device))


if __name__ == "__main__":
    main()
