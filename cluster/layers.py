"""The model's graphs in ONNX Runtime, run on padded batches."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import numpy as np
import onnxruntime as ort

from cluster.model_folder import ModelFolder

CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"


def providers() -> list[str]:
    """The GPU's where this build of ONNX Runtime and the machine have one, and the processor's."""
    return [name for name in (CUDA, CPU) if name in ort.get_available_providers()]


class Layers:
    """Embeddings (as layer 0) and layers of all variants, opened at once: no sample waits for a file."""

    def __init__(self, folder: ModelFolder, threads: int) -> None:
        self.hidden: int = folder.manifest["hidden"]
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Every layer is a session with a pool of its own: pools that spin take the cores from each other.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")

        def opened(file: dict[str, Any]) -> ort.InferenceSession:
            return ort.InferenceSession(folder.read(file), options, providers=providers())

        self._sessions = {
            (name, layer): opened(file)
            for name, variant in folder.manifest["variants"].items()
            for layer, file in enumerate([variant["embeddings"], *variant["layers"]])
        }

    def embed(self, variant: str, rows: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[list[np.ndarray], float]:
        """Hidden states `[tokens, hidden]` of rows of token and type ids, and the milliseconds that it took."""
        lengths = [len(ids) for ids, _ in rows]
        inputs = {
            "input_ids": _padded([ids for ids, _ in rows], np.int32),
            "token_type_ids": _padded([types for _, types in rows], np.int32),
        }
        (states,), computed_ms = self._run(variant, 0, ["hidden_state"], inputs)
        return _unpadded(states, lengths), computed_ms

    def run(self, variant: str, layer: int, states: Sequence[np.ndarray]) -> tuple[list[np.ndarray], np.ndarray, float]:
        """The states after a layer, the logits `[rows, all classes]`, and the milliseconds that it took."""
        lengths = [len(state) for state in states]
        mask = (np.arange(max(lengths)) < np.array(lengths)[:, None]).astype(np.int32)
        inputs = {"hidden_state": _padded(states, np.float32), "attention_mask": mask}
        (after, logits), computed_ms = self._run(variant, layer, ["next_hidden_state", "logits"], inputs)
        return _unpadded(after, lengths), logits, computed_ms

    def _run(self, variant: str, layer: int, outputs: list[str], inputs: dict[str, np.ndarray]):
        started = perf_counter()
        results = self._sessions[variant, layer].run(outputs, inputs)
        return results, 1000 * (perf_counter() - started)


def saturation(before: np.ndarray, after: np.ndarray) -> float:
    """As `core/ladder/saturation.ts`: the cosine of a sample's states, summed over the tokens; 0 where one is zero."""
    a, b = before.sum(axis=0, dtype=np.float64), after.sum(axis=0, dtype=np.float64)
    lengths = np.sqrt((a @ a) * (b @ b))
    return float(np.clip((a @ b) / lengths, -1, 1)) if lengths > 0 else 0.0


def _padded(rows: Sequence[np.ndarray], dtype: type) -> np.ndarray:
    """Rows of one shape but for their lengths, with zeros behind them up to the longest."""
    longest = max(len(row) for row in rows)
    batch = np.zeros((len(rows), longest, *rows[0].shape[1:]), dtype)
    for index, row in enumerate(rows):
        batch[index, : len(row)] = row
    return batch


def _unpadded(batch: np.ndarray, lengths: Sequence[int]) -> list[np.ndarray]:
    return [row[:length] for row, length in zip(batch, lengths, strict=True)]
