"""Move a trained body part of the way back to the encoder that it started from: WiSE-FT.

Usage: python -m training.interpolate --weights <weights folder> --encoder <encoder folder> --out <weights folder>
       [--share 0.9]

Fine-tuning on small data sets overfits; between the two ends lies a body that generalises better (Wortsman et al.,
arXiv 2109.01903). The ramps, which the encoder does not have, stay as trained.
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from training.files import sha256_of, write_json, write_whole
from training.provenance import TRAINING_FILE
from training.weights import WEIGHTS_FILE, read_tensors


def interpolate(weights: Path, encoder: Path, out: Path, share: float) -> None:
    """Write a weights folder whose body is `share` trained and 1 − `share` encoder, rounded to float16.

    Raises ValueError for a share outside 0 to 1, and for weights that were trained from another encoder.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"expected a share from 0 to 1, got {share}")
    training = json.loads((weights / TRAINING_FILE).read_text(encoding="utf-8"))
    if training["encoder"]["sha256"] != sha256_of(encoder / WEIGHTS_FILE):
        raise ValueError(
            f"expected the encoder of sha256 {training['encoder']['sha256']} that the weights started from"
        )
    start = read_tensors(encoder)
    mixed = {name: _between(start.get(name, tensor), tensor, share) for name, tensor in read_tensors(weights).items()}
    out.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json"):
        shutil.copyfile(weights / name, out / name)
    write_whole(out / WEIGHTS_FILE, lambda path: path.write_bytes(save(mixed)))
    interpolation = {"trainedShare": share, "trainedSha256": sha256_of(weights / WEIGHTS_FILE)}
    write_json(out / TRAINING_FILE, {**training, "interpolation": interpolation})


def _between(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    mixed = share * end.astype(np.float32) + (1 - share) * start.astype(np.float32)
    return np.ascontiguousarray(mixed.astype(np.float16))


def main() -> None:
    """Parse the arguments and interpolate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True, help="run folder of training.train")
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder that the run started from")
    parser.add_argument("--out", type=Path, required=True, help="weights folder to write")
    parser.add_argument("--share", type=float, default=0.9, help="of the trained body (default 0.9)")
    arguments = parser.parse_args()
    interpolate(arguments.weights, arguments.encoder, arguments.out, arguments.share)


if __name__ == "__main__":
    main()
