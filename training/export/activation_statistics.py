"""What every product of the encoder reads, which tells the q8 variant how to level its inputs and round its matrix."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from training.data.prepared import read_prepared
from training.data.tasks import Task
from training.data.tokenise import Encoded, encode, load_tokenizer, padded_batches
from training.export.parity_samples import parity_texts
from training.model.reference import ReferenceModel
from training.model.weights import InputStatistics, LadderWeights

_SAMPLE_SIZE = 96
_SAMPLE_SEED = 9


def rows_to_measure(tasks: Sequence[Task], tokenizer: Path, prepared: Path | None, prepared_with: str) -> list[Encoded]:
    """Return seeded rows of the prepared folder's train split, else this project's own sentences.

    `tokenizer`: the path of tokenizer.json; `prepared_with`: the sha256 of the one that the rows must be prepared with.
    """
    if prepared is None:
        return encode(load_tokenizer(tokenizer), [row for rows in parity_texts(tasks).values() for row in rows])
    chosen: list[Encoded] = []
    for rows in read_prepared(prepared, prepared_with).train.values():
        order = np.random.default_rng(_SAMPLE_SEED).permutation(len(rows))
        chosen += [rows.encoded(int(row)) for row in order[:_SAMPLE_SIZE]]
    return chosen


def describe_rows(from_train: bool) -> str:
    """Return the sentence on the rows that q8 was fitted to: the train split's, or our own sentences."""
    train = f"{_SAMPLE_SIZE} seeded rows of each task's train split (seed {_SAMPLE_SEED})"
    rows = train if from_train else "this project's own sentences (training/export/parity_samples.py)"
    return f"q8: inputs levelled and matrices rounded by what the float32 model computes on {rows}"


def with_input_statistics(weights: LadderWeights, reference: ReferenceModel, rows: Sequence[Encoded]) -> LadderWeights:
    """Return the weights with `inputs` set on all products but the classifiers, measured in float32 on these rows."""
    products = [_products(reference, layer) for layer in range(len(weights.layers))]
    recorders = [{name: _Recorder(module) for name, module in layer.items()} for layer in products]
    # One row a batch: padding must not count as an activation.
    for batch in padded_batches(rows, batch_size=1):
        reference.logits(batch)
    layers = [
        replace(layer, **{name: replace(getattr(layer, name), inputs=part.finish()) for name, part in own.items()})
        for layer, own in zip(weights.layers, recorders, strict=True)
    ]
    return replace(weights, layers=layers)


def _products(reference: ReferenceModel, layer: int) -> dict[str, nn.Module]:
    """The modules that read what the fields of `LayerWeights` read; query, key and value read the same."""
    encoder = reference.bert.encoder.layer[layer]
    return {
        "query_key_value": encoder.attention.self.query,
        "attention_output": encoder.attention.output.dense,
        "intermediate": encoder.intermediate.dense,
        "output": encoder.output.dense,
        "pooler": reference.exit_ramps[layer].pooler,
    }


class _Recorder:
    """Gathers one module's statistics over its calls until `finish`."""

    def __init__(self, module: nn.Linear) -> None:
        self._highest: list[Tensor] = []
        self._lowest: list[Tensor] = []
        self._tokens = 0
        self._sums = torch.zeros(module.in_features, module.in_features)
        self._hook = module.register_forward_pre_hook(self._record)

    def _record(self, _: nn.Module, inputs: tuple[Tensor]) -> None:
        values = inputs[0].flatten(end_dim=-2)
        self._highest.append(values.amax(dim=0))
        self._lowest.append(values.amin(dim=0))
        self._tokens += len(values)
        self._sums.addmm_(values.T, values)

    def finish(self) -> InputStatistics:
        """Stop listening and return what was gathered."""
        self._hook.remove()
        highest, lowest = (torch.stack(rows).numpy() for rows in (self._highest, self._lowest))
        return InputStatistics(highest, lowest, (self._sums / self._tokens).numpy())
