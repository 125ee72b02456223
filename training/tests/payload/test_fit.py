"""What is captured of rows, and the codec that is fitted to it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.data.prepared import read_prepared
from training.model.reference import ReferenceModel
from training.payload.captured import CapturedBatch, choose_rows, later_states
from training.payload.state_codec import StateCodec, read_codec, write_codec
from training.payload.state_codec_fit import fit, flatten
from training.tests.payload.shared import sizes_of, states_of
from training.tests.tiny.weights import HIDDEN

pytestmark = pytest.mark.usefixtures("one_thread")


def test_what_a_token_foretells_leaves_less_to_write(codec: StateCodec, captured: list[CapturedBatch]) -> None:
    alone = replace(codec, predictor=np.zeros_like(codec.predictor))
    sizes = {
        kind: sum(found.bytes_of(found.analyse(states), found.round(found.analyse(states), 48)) for states in rows)
        for rows in [states_of(captured[1::2])]
        for kind, found in {"foretold": codec, "alone": alone}.items()
    }
    assert sizes["foretold"] < 0.99 * sizes["alone"]


def test_codewords_leave_less_to_write(codec: StateCodec, captured: list[CapturedBatch]) -> None:
    tokens = flatten(captured[::2], 1)
    without = fit(tokens, codewords=1)
    assert len(codec.codebook) > 8
    sizes = {
        len(found.codebook): sum(found.bytes_of(found.analyse(s), found.round(found.analyse(s), 48)) for s in rows)
        for rows in [states_of(captured[1::2])]
        for found in (codec, without)
    }
    assert sizes[len(codec.codebook)] < 0.99 * sizes[1]


def test_captured_gradients_predict_the_last_exit(reference: ReferenceModel, captured: list[CapturedBatch]) -> None:
    batch = captured[-1]
    state = batch.states[1].float()
    clean = later_states(reference, state, batch.mask, 1)[-1]
    np.testing.assert_allclose(reference.exit_ramps[-1](clean, batch.mask), batch.logits[:, -1], atol=0.02)
    # Along the gradient itself, the own task's logits must move as far apart as the gradient says.
    gradient = batch.gradients[1].float() * batch.mask[:, :, None]
    step = 1e-2 / gradient.square().sum((1, 2), keepdim=True).sqrt()
    moved = later_states(reference, state + step * gradient, batch.mask, 1)[-1]
    change = reference.exit_ramps[-1](moved, batch.mask) - reference.exit_ramps[-1](clean, batch.mask)
    own = change.masked_fill(~batch.classes, 0)
    expected = (step * gradient.square()).sum((1, 2))
    binary = batch.classes.sum(1) == 2
    # The direction of two classes is (1, -1) / sqrt(2), either way round.
    along = (own.max(1).values - own.min(1).values) / 2**0.5
    np.testing.assert_allclose(along[binary], expected[binary], rtol=0.1)


def test_fit_is_reproducible_and_survives_its_file(codec: StateCodec, captured: list[CapturedBatch]) -> None:
    content = write_codec(codec)
    assert write_codec(fit(flatten(captured[::2], 1))) == content
    assert write_codec(read_codec(content, **sizes_of(codec))) == content


def test_coordinates_are_invertible_and_tokens_that_matter_get_higher_levels(
    codec: StateCodec, captured: list[CapturedBatch]
) -> None:
    identity = codec.encoder.astype(np.float32) @ codec.decoder.astype(np.float32)
    np.testing.assert_allclose(identity, np.eye(HIDDEN), atol=0.01)
    tokens = flatten(captured[1::2], 1)
    levels, _ = codec.coordinates(tokens.states.numpy())
    importance = tokens.gradients.square().sum(1).log().numpy()
    assert np.corrcoef(levels, importance)[0, 1] > 0.3


def test_rows_of_the_wanted_lengths_are_drawn(prepared: Path) -> None:
    train = read_prepared(prepared).train
    rows = choose_rows(train, 6, (5, 9), 3)
    assert rows == choose_rows(train, 6, (5, 9), 3) != choose_rows(train, 6, (5, 9), 4)
    assert all(5 <= len(row.encoded.input_ids) <= 9 for row in rows)
    assert all(sum(row.task == task for row in rows) <= 6 for task in train)
