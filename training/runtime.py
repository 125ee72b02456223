"""Runs the exported files with ONNX Runtime on the CPU."""

from pathlib import Path

import numpy as np
import onnxruntime

from training.manifest import Manifest
from training.tokenise import Batch, Encoded, padded_batches


class LadderRuntime:
    """The sessions of one variant: embeddings and every layer."""

    def __init__(self, folder: Path, manifest: Manifest, variant: str, threads: int = 1) -> None:
        """Open the sessions. Raises ValueError for a variant that the manifest does not list."""
        if variant not in manifest["variants"]:
            raise ValueError(f"expected a variant among {sorted(manifest['variants'])}, got {variant!r}")
        files = manifest["variants"][variant]
        self._classes: int = manifest["classes"]
        self._embeddings = open_session(folder / files["embeddings"]["path"], threads)
        self._layers = [open_session(folder / layer["path"], threads) for layer in files["layers"]]

    def logits(self, batch: Batch) -> np.ndarray:
        """Climb the whole ladder; return the raw logits of every exit, [batch, layers, classes] float32."""
        ids = {"input_ids": batch.input_ids, "token_type_ids": batch.token_type_ids}
        (state,) = self._embeddings.run(["hidden_state"], ids)
        exits: list[np.ndarray] = []
        for layer in self._layers:
            inputs = {"hidden_state": state, "attention_mask": batch.attention_mask}
            state, logits = layer.run(["next_hidden_state", "logits"], inputs)
            exits.append(logits)
        return np.stack(exits, axis=1)

    def all_logits(self, encoded: list[Encoded], batch_size: int) -> np.ndarray:
        """Run all rows in padded batches of similar length; return [rows, layers, classes] float32 in row order."""
        result = np.empty((len(encoded), len(self._layers), self._classes), np.float32)
        for batch in padded_batches(encoded, batch_size):
            result[batch.rows] = self.logits(batch)
        return result


def open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """Open one file on the CPU with a fixed number of threads (0: ONNX Runtime's choice)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
