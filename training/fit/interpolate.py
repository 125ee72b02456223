"""Move a trained body part of the way back to the encoder that it started from: WiSE-FT.

Fine-tuning on small data sets overfits; between the two ends lies a body that generalises better (Wortsman et al.,
arXiv 2109.01903). The ramps, which the encoder does not have, stay as trained.
"""

from pathlib import Path

import numpy as np
from safetensors.numpy import save

from training.data.files import read_json, sha256_of, write_json, write_whole
from training.data.rows import read_tasks
from training.fit.run_folder import begin
from training.model.provenance import TRAINING_FILE
from training.model.weights import WEIGHTS_FILE, read_tensors


def interpolate(weights: Path, encoder: Path, out: Path, share: float) -> None:
    """Write a weights folder whose body is `share` trained and 1 − `share` encoder, rounded to float16.

    Raises ValueError for a share outside 0 to 1, and for weights that were trained from another encoder.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"expected a share from 0 to 1, got {share}")
    training = read_json(weights / TRAINING_FILE)
    if training["encoder"]["sha256"] != sha256_of(encoder / WEIGHTS_FILE):
        raise ValueError(
            f"expected the encoder of sha256 {training['encoder']['sha256']} that the weights started from"
        )
    start = read_tensors(encoder)
    mixed = {name: _between(start.get(name, tensor), tensor, share) for name, tensor in read_tensors(weights).items()}
    begin(out, weights, read_tasks(weights))
    write_whole(out / WEIGHTS_FILE, save(mixed))
    interpolation = {"trainedShare": share, "trainedSha256": sha256_of(weights / WEIGHTS_FILE)}
    write_json(out / TRAINING_FILE, {**training, "interpolation": interpolation})


def _between(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    mixed = share * end.astype(np.float32) + (1 - share) * start.astype(np.float32)
    return np.ascontiguousarray(mixed.astype(np.float16))
