"""What makes rows harder to learn by heart: words masked anew each time, and rows that come twice."""

from dataclasses import replace

import numpy as np
import torch

from training.data.tokenise import Batch

# BERT's uncased vocabulary: [MASK], and the first id that is a word or a piece of one.
_MASK = 103
_FIRST_WORD = 999


def with_masked_words(batch: Batch, share: float) -> Batch:
    """Return the batch with each word piece replaced by [MASK] with probability `share`; draws from PyTorch."""
    drawn = torch.rand(batch.input_ids.shape).numpy() < share
    return replace(batch, input_ids=np.where(drawn & (batch.input_ids >= _FIRST_WORD), _MASK, batch.input_ids))


def twice(batch: Batch) -> Batch:
    """Return the batch's rows followed by the same rows again."""
    ids, types, mask = (np.tile(a, (2, 1)) for a in (batch.input_ids, batch.token_type_ids, batch.attention_mask))
    return Batch(batch.rows * 2, ids, types, mask)
