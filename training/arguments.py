"""Arguments that the commands share."""

import argparse
from pathlib import Path


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --data and what `add_run_arguments` does."""
    parser.add_argument("--data", type=Path, required=True, help="GLUE folder with one folder a task")
    add_run_arguments(parser)


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --model, --tasks, --batch-size and --threads."""
    parser.add_argument("--model", type=Path, required=True, help="model folder with manifest.json")
    parser.add_argument("--tasks", help="comma-separated task keys; default: all")
    parser.add_argument("--batch-size", type=int, default=32, help="rows in a padded fp16 batch (default 32)")
    parser.add_argument("--threads", type=int, default=1, help="threads of ONNX Runtime (default 1; 0: its choice)")
