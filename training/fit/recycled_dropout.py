"""Dropout that reads its random masks from one reservoir instead of drawing each element anew."""

import torch
from torch import Tensor, nn
from transformers import BertModel

_RESERVOIR = 1 << 23


class RecycledDropout(nn.Module):
    """Dropout of a state, with a mask that starts at a random place of a shared reservoir.

    On a CPU nn.Dropout's random numbers cost as much as a matrix product; this costs one multiplication.
    """

    def __init__(self, masks: Tensor) -> None:
        """Take over masks [elements], 0 where an element is dropped and 1 / (1 - probability) where it is kept."""
        super().__init__()
        self._masks = masks

    def forward(self, state: Tensor) -> Tensor:
        """Return the state with dropped elements; the same state outside training.

        Raises ValueError for a state larger than the reservoir.
        """
        if not self.training:
            return state
        if state.numel() > len(self._masks):
            raise ValueError(f"expected at most {len(self._masks)} elements, got {state.numel()}; lower batch_rows")
        start = int(torch.randint(len(self._masks) - state.numel() + 1, ()))
        return state * self._masks[start : start + state.numel()].view(state.shape).to(state.dtype)


def drop_in_body(bert: BertModel, probability: float, precision: torch.dtype = torch.float32) -> None:
    """Put dropout where BERT has its own: after the embeddings and after both products that end a layer's halves.

    Attention's weights keep none. Draws the reservoir from PyTorch's generator.
    """
    masks = (torch.rand(_RESERVOIR) >= probability).to(precision) / (1 - probability)
    bert.embeddings.dropout = RecycledDropout(masks)
    for layer in bert.encoder.layer:
        layer.attention.output.dropout = RecycledDropout(masks)
        layer.output.dropout = RecycledDropout(masks)
