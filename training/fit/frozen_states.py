"""What a body that no longer learns computes on many rows: one layer's states of all of them at a time."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from training.data.prepared import EncodedRows
from training.data.tokenise import Encoded, padded_batches
from training.model.reference import ReferenceModel

_BATCH_ROWS = 64


class FrozenStates:
    """Rows of all tasks, shortest first, and the hidden state of each after the layer that `advance` has reached.

    `task` [rows] int64: by its place among the model's; `gold` [rows] int64; `lengths` [rows] int64: tokens. States
    are kept as float16, row after row without padding.
    """

    def __init__(self, model: ReferenceModel, splits: Mapping[str, EncodedRows], precision: str) -> None:
        """Compute the embeddings of all rows. `precision` as in `RampConfig`."""
        self._model = model.eval()
        self._autocast = torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16")
        self._layer = 0
        encoded: list[Encoded] = []
        task: list[int] = []
        gold: list[int] = []
        for place, one in enumerate(model.tasks):
            split = splits[one.key]
            encoded += split.all_encoded()
            task += [place] * len(split)
            gold += split.gold.tolist()
        batches = list(padded_batches(encoded, _BATCH_ROWS))
        order = np.array([row for batch in batches for row in batch.rows], np.int64)
        self.task, self.gold = (torch.tensor(values)[order] for values in (task, gold))
        self.lengths = torch.tensor([len(row.input_ids) for row in encoded])[order]
        self._starts = self.lengths.cumsum(0) - self.lengths
        width = model.bert.config.hidden_size
        self._states = torch.empty(int(self.lengths.sum()), width, dtype=torch.float16)
        for rows, batch in zip(self._batches(), batches, strict=True):
            ids, types = (torch.from_numpy(array).long() for array in (batch.input_ids, batch.token_type_ids))
            with torch.inference_mode(), self._autocast:
                states = model.bert.embeddings(input_ids=ids, token_type_ids=types)
            self._keep(rows, states)

    def __len__(self) -> int:
        return len(self.lengths)

    def advance(self) -> None:
        """Run the next layer on all rows."""
        layer = self._model.bert.encoder.layer[self._layer]
        for rows in self._batches():
            states, real = self.padded(rows)
            with torch.inference_mode(), self._autocast:
                states = layer(states, real[:, None, None, :])
            self._keep(rows, states)
        self._layer += 1

    def padded(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the states of some rows, padded [rows, tokens, hidden] float32, and which tokens are real, bool."""
        lengths = self.lengths[rows].unsqueeze(-1)
        places = torch.arange(int(lengths.max()))
        real = places < lengths
        return self._states[torch.where(real, self._starts[rows].unsqueeze(-1) + places, 0)].float(), real

    @torch.inference_mode()
    def logits(self, ramp: torch.nn.Module) -> Tensor:
        """Return a ramp's logits [rows, all classes] float32 of all rows."""
        return torch.cat([ramp(*self.padded(rows)).float() for rows in self._batches()])

    def _batches(self) -> Sequence[Tensor]:
        return torch.arange(len(self)).split(_BATCH_ROWS)

    def _keep(self, rows: Tensor, states: Tensor) -> None:
        real = torch.arange(states.shape[1]) < self.lengths[rows].unsqueeze(-1)
        start = int(self._starts[rows[0]])
        kept = states[real]
        self._states[start : start + len(kept)] = kept.half()
