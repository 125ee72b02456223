"""Fixtures that several test files of this room share."""

from pathlib import Path

import pytest
import torch

from training.data.prepared import read_prepared
from training.model.reference import ReferenceModel, load_reference
from training.payload.captured import CapturedBatch, capture, choose_rows
from training.payload.state_codec import StateCodec
from training.payload.state_codec_fit import fit, flatten
from training.tests.tiny.weights import LAYERS


@pytest.fixture(scope="module")
def reference(weights: Path) -> ReferenceModel:
    """The tiny model, without gradients for its weights."""
    return load_reference(weights).requires_grad_(False)


@pytest.fixture(scope="module")
def captured(reference: ReferenceModel, prepared: Path) -> list[CapturedBatch]:
    """All layers' states and gradients on train rows."""
    rows = choose_rows(read_prepared(prepared).train, 40, (1, 128), 1)
    return capture(reference, rows, range(1, LAYERS + 1), torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def codec(captured: list[CapturedBatch]) -> StateCodec:
    """A codec of layer 1."""
    return fit(flatten(captured[::2], 1))
