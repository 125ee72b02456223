"""What the commands read from the command line."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from training.data.tasks import Task, select_tasks
from training.export.manifest import read_manifest, tasks_of

_FOLDERS = {
    "data": "folder with one folder a task: GLUE, or what tasks.json in it names",
    "encoder": "folder with config.json, model.safetensors and tokenizer.json",
    "init": "weights folder to start from",
    "model": "model folder with manifest.json",
    "out": "folder to write",
    "prepared": "folder written by training.prepare",
    "run": "run folder of training.train",
    "teachers": "folder written by training.teach",
    "weights": "weights folder: config.json, model.safetensors, tokenizer.json",
}


def command(does: Callable, *folders: str, optional: tuple[str, ...] = ()) -> argparse.ArgumentParser:
    """Return a parser that wants these folders, each as `--name`, and takes the optional ones.

    What it says of the command is what the module of `does`, which the command calls, says of itself.
    """
    description = sys.modules[does.__module__].__doc__
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in (*folders, *optional):
        parser.add_argument(f"--{name}", type=Path, required=name in folders, help=_FOLDERS[name])
    return parser


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --tasks, --batch-size and --threads of what runs exported files."""
    parser.add_argument("--tasks", help="comma-separated task keys; default: all")
    parser.add_argument("--batch-size", type=int, default=32, help="rows in a padded batch (default 32)")
    parser.add_argument("--threads", type=int, default=1, help="threads of ONNX Runtime (default 1; 0: its choice)")


def add_torch_threads(parser: argparse.ArgumentParser) -> None:
    """Add --threads of PyTorch, which `parsed` sets."""
    parser.add_argument("--threads", type=int, help="threads of PyTorch (default: its choice, or OMP_NUM_THREADS)")


def parsed(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Parse the command line; PyTorch takes the number of threads that it names."""
    arguments = parser.parse_args()
    if getattr(arguments, "threads", None):
        torch.set_num_threads(arguments.threads)
    return arguments


def chosen_tasks(arguments: argparse.Namespace) -> list[Task]:
    """Return the tasks of --model that --tasks names, or all."""
    return select_tasks(tasks_of(read_manifest(arguments.model)), arguments.tasks)
