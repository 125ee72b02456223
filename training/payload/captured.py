"""What the model computes on chosen rows, kept for fitting and judging payloads: states, their gradients, logits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.data.prepared import EncodedRows
from training.data.tasks import class_slices, total_classes
from training.data.tokenise import Encoded, pad
from training.model.reference import ReferenceModel

_BATCH_ROWS = 32


@dataclass(frozen=True)
class TaskRow:
    """A tokenised row and the key of its task."""

    task: str
    encoded: Encoded


@dataclass(frozen=True)
class CapturedBatch:
    """Padded rows of any tasks.

    `mask` [batch, tokens] bool: real tokens; `classes` [batch, all classes] bool: the row's own task's;
    `logits` [batch, layers, all classes] float32 without any payload; `states` by layer: the hidden state after it,
    [batch, tokens, hidden] float16; `gradients` by layer, bfloat16 (many are too small for float16), or none.
    """

    tasks: list[str]
    mask: Tensor
    classes: Tensor
    logits: Tensor
    states: dict[int, Tensor]
    gradients: dict[int, Tensor]


def choose_rows(split: dict[str, EncodedRows], rows: int, tokens: tuple[int, int], seed: int) -> list[TaskRow]:
    """Draw up to `rows` rows of each task among those of `tokens` (smallest, largest) length."""
    random = np.random.default_rng(seed)
    chosen: list[TaskRow] = []
    for task, encoded in split.items():
        eligible = np.flatnonzero((encoded.lengths >= tokens[0]) & (encoded.lengths <= tokens[1]))
        drawn = random.permutation(eligible)[:rows]
        chosen += [TaskRow(task, encoded.encoded(int(row))) for row in np.sort(drawn)]
    return chosen


def capture(
    model: ReferenceModel, rows: Sequence[TaskRow], layers: Sequence[int], generator: torch.Generator | None = None
) -> list[CapturedBatch]:
    """Run the rows, sorted by length, and keep the states after `layers` (ascending).

    With a generator, the gradients at those states are kept too: of the last exit's logits of the row's own task along
    a random direction. Expects a model whose weights take no gradients.
    """
    ordered = sorted(rows, key=lambda row: len(row.encoded.input_ids))
    return [
        _capture(model, ordered[start : start + _BATCH_ROWS], layers, generator)
        for start in range(0, len(ordered), _BATCH_ROWS)
    ]


def later_states(model: ReferenceModel, state: Tensor, mask: Tensor, layer: int) -> list[Tensor]:
    """Return the states [batch, tokens, hidden] after each layer behind `layer`, from the state after it."""
    states: list[Tensor] = []
    for later in model.bert.encoder.layer[layer:]:
        state = later(state, mask[:, None, None, :])
        states.append(state)
    return states


def _capture(
    model: ReferenceModel, rows: Sequence[TaskRow], layers: Sequence[int], generator: torch.Generator | None
) -> CapturedBatch:
    batch = pad([row.encoded for row in rows], list(range(len(rows))))
    ids, types = (torch.from_numpy(array).long() for array in (batch.input_ids, batch.token_type_ids))
    mask = torch.from_numpy(batch.attention_mask).bool()
    classes = torch.zeros(len(rows), total_classes(model.tasks), dtype=torch.bool)
    slices = class_slices(model.tasks)
    for line, row in enumerate(rows):
        classes[line, slice(*slices[row.task])] = True
    with torch.set_grad_enabled(generator is not None):
        embedded = model.bert.embeddings(input_ids=ids, token_type_ids=types).requires_grad_(generator is not None)
        states = later_states(model, embedded, mask, 0)
        logits = torch.stack([ramp(s, mask) for ramp, s in zip(model.exit_ramps, states, strict=True)], dim=1)
    kept = [states[layer - 1] for layer in layers]
    gradients: dict[int, Tensor] = {}
    if generator is not None:
        directions = _directions(classes, generator)
        found = torch.autograd.grad((logits[:, -1] * directions).sum(), kept)
        gradients = {layer: gradient.bfloat16() for layer, gradient in zip(layers, found, strict=True)}
    return CapturedBatch(
        tasks=[row.task for row in rows],
        mask=mask,
        classes=classes,
        logits=logits.detach(),
        states={layer: state.detach().half() for layer, state in zip(layers, kept, strict=True)},
        gradients=gradients,
    )


def _directions(classes: Tensor, generator: torch.Generator) -> Tensor:
    """Random directions [batch, all classes] within each row's own classes, of mean zero there.

    Their expected outer product is the projection that takes the mean away: over many rows, squared errors along them
    average to squared errors of the logits, of which the mean does not count.
    """
    drawn = torch.randn(classes.shape, generator=generator) * classes
    count = classes.sum(1, keepdim=True)
    centred = (drawn - drawn.sum(1, keepdim=True) / count) * classes
    return centred / centred.norm(dim=1, keepdim=True) * (count - 1).sqrt()
