"""Average the weights of several runs: a model soup.

Usage: python -m training.soup --weights <weights folder> <weights folder> … --out <weights folder>

Runs that began at the same encoder and have the same ramps' beginnings mix without loss, and their mean generalises
better than each (Wortsman et al., arXiv 2203.05482).
"""

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from training.files import sha256_of, write_json, write_whole
from training.provenance import TRAINING_FILE
from training.weights import WEIGHTS_FILE, read_tensors


def mix(folders: Sequence[Path], out: Path) -> None:
    """Write a weights folder with the mean of these folders' tensors, rounded to float16; it tells of the last's run.

    Raises ValueError for fewer than two folders, and where their tensors or tokenizers differ.
    """
    if len(folders) < 2:
        raise ValueError(f"expected at least 2 weights folders, got {len(folders)}")
    parts = [read_tensors(folder) for folder in folders]
    shapes = [{name: tensor.shape for name, tensor in part.items()} for part in parts]
    tokenizers = {sha256_of(folder / "tokenizer.json") for folder in folders}
    if any(other != shapes[0] for other in shapes) or len(tokenizers) > 1:
        raise ValueError("expected weights folders of one architecture with one tokenizer.json, got different ones")
    mean = {name: np.mean([part[name] for part in parts], axis=0).astype(np.float16) for name in parts[0]}
    out.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json"):
        shutil.copyfile(folders[-1] / name, out / name)
    write_whole(out / WEIGHTS_FILE, lambda path: path.write_bytes(save(mean)))
    training = json.loads((folders[-1] / TRAINING_FILE).read_text(encoding="utf-8"))
    soup = {"sha256": [sha256_of(folder / WEIGHTS_FILE) for folder in folders]}
    write_json(out / TRAINING_FILE, {**training, "soup": soup})


def main() -> None:
    """Parse the arguments and mix."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, nargs="+", required=True, help="weights folders, the latest run last")
    parser.add_argument("--out", type=Path, required=True, help="weights folder to write")
    arguments = parser.parse_args()
    mix(arguments.weights, arguments.out)


if __name__ == "__main__":
    main()
