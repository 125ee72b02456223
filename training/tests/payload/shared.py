"""What several test files of this room share."""

import numpy as np

from training.payload.captured import CapturedBatch
from training.payload.state_codec import StateCodec
from training.tests.tiny.weights import HIDDEN

# What a codec's file does not say of itself, beside the hidden size.
SIZES = ("codewords", "levels", "classes")


def states_of(batches: list[CapturedBatch]) -> list[np.ndarray]:
    """Each row's real tokens after layer 1, [tokens, hidden] float32."""
    return [
        state[:length].float().numpy()
        for batch in batches
        for state, length in zip(batch.states[1], batch.mask.sum(1).tolist(), strict=True)
    ]


def sizes_of(codec: StateCodec) -> dict[str, int]:
    """What `read_codec` takes beside the bytes."""
    counts = (len(codec.codebook), len(codec.level_frequencies), len(codec.frequencies))
    return {"hidden": HIDDEN, **dict(zip(SIZES, counts, strict=True))}
