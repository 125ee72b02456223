"""Runs the exported files with ONNX Runtime on the CPU."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime

from training.data.tokenise import Batch, Encoded, padded_batches
from training.export.manifest import Manifest

# What a payload makes of hidden states [batch, tokens, hidden] float32.
Crossing = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Evidence:
    """What policies decide on, row by row, all float32.

    `logits` [rows, layers, classes], raw; `saturation` [rows, layers]: cosine of the mean states before and after each
    layer (CALM, arXiv 2207.07061); `embedding` [rows, hidden]: the mean state before the first layer. Means are over
    real tokens.
    """

    logits: np.ndarray
    saturation: np.ndarray
    embedding: np.ndarray


class LadderRuntime:
    """The sessions of one variant: embeddings and every layer."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        variant: str,
        threads: int = 1,
        crossings: Mapping[int, Crossing] | None = None,
    ) -> None:
        """Open the sessions. Raises ValueError for a variant that the manifest does not list.

        `crossings`: what hidden states go through after these layers (1-based), as they do between tiers.
        """
        if variant not in manifest["variants"]:
            raise ValueError(f"expected a variant among {sorted(manifest['variants'])}, got {variant!r}")
        files = manifest["variants"][variant]
        self._classes: int = manifest["classes"]
        self._embeddings = open_session(folder / files["embeddings"]["path"], threads)
        self._layers = [open_session(folder / layer["path"], threads) for layer in files["layers"]]
        self._crossings = crossings or {}

    def logits(self, batch: Batch) -> np.ndarray:
        """Climb the whole ladder; return the raw logits of every exit, [batch, layers, classes] float32."""
        return self._climb(batch).logits

    def all_logits(self, encoded: Sequence[Encoded], batch_size: int) -> np.ndarray:
        """Run all rows in padded batches of similar length; return [rows, layers, classes] float32 in row order."""
        return self.all_evidence(encoded, batch_size).logits

    def all_evidence(self, encoded: Sequence[Encoded], batch_size: int) -> Evidence:
        """Run all rows in padded batches of similar length; return their evidence in row order."""
        batches = list(padded_batches(encoded, batch_size))
        order = np.concatenate([batch.rows for batch in batches]).argsort()
        parts = [self._climb(batch) for batch in batches]
        columns = (np.concatenate(column)[order] for column in zip(*map(_columns, parts), strict=True))
        return Evidence(*columns)

    def all_embeddings(self, encoded: Sequence[Encoded], batch_size: int = 64) -> np.ndarray:
        """Return each row's mean state before the first layer, [rows, hidden] float32, in row order."""
        batches = list(padded_batches(encoded, batch_size))
        order = np.concatenate([batch.rows for batch in batches]).argsort()
        return np.concatenate([_mean(self._embedded(batch), batch.attention_mask) for batch in batches])[order]

    def _embedded(self, batch: Batch) -> np.ndarray:
        ids = {"input_ids": batch.input_ids, "token_type_ids": batch.token_type_ids}
        return self._embeddings.run(["hidden_state"], ids)[0]

    def _climb(self, batch: Batch) -> Evidence:
        state = self._embedded(batch)
        exits: list[np.ndarray] = []
        means = [_mean(state, batch.attention_mask)]
        for number, layer in enumerate(self._layers, start=1):
            inputs = {"hidden_state": state, "attention_mask": batch.attention_mask}
            state, logits = layer.run(["next_hidden_state", "logits"], inputs)
            exits.append(logits)
            means.append(_mean(state, batch.attention_mask))
            if number in self._crossings:
                state = self._crossings[number](state)
        pooled = np.stack(means, axis=1)
        return Evidence(np.stack(exits, axis=1), _cosines(pooled[:, :-1], pooled[:, 1:]), means[0])


def _columns(evidence: Evidence) -> tuple[np.ndarray, ...]:
    return evidence.logits, evidence.saturation, evidence.embedding


def _mean(state: np.ndarray, attention_mask: np.ndarray) -> np.ndarray:
    mask = attention_mask[:, :, np.newaxis].astype(np.float32)
    return (state * mask).sum(axis=1) / mask.sum(axis=1)


def _cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(left, axis=-1) * np.linalg.norm(right, axis=-1)
    return (left * right).sum(axis=-1) / np.maximum(norms, np.finfo(np.float32).tiny)


def open_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """Open one file on the CPU with a fixed number of threads (0: ONNX Runtime's choice)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
