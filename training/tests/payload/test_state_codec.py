"""Codecs of hidden states: what they write, what they lose, and their files."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from training.data.glue import TASKS
from training.model.reference import ReferenceModel
from training.payload.captured import CapturedBatch
from training.payload.label_agreement import agreement
from training.payload.quantise import int4_per_group, int8_per_token
from training.payload.state_codec import FINEST, Analysis, Rounded, StateCodec, read_codec, write_codec
from training.tests.payload.coded_payload import decode_payload, encode_payload
from training.tests.payload.shared import SIZES, sizes_of, states_of
from training.tests.tiny.weights import HIDDEN

pytestmark = pytest.mark.usefixtures("one_thread")
FIXTURE = json.loads((Path(__file__).parents[1] / "state_codec.json").read_text(encoding="utf-8"))


def by_entropy(codec: StateCodec, analysis: Analysis) -> Callable[[int, Rounded], float]:
    """Sizes as the simulation takes them."""
    return lambda _, rounded: codec.bytes_of(analysis, rounded)


def test_payload_of_the_fixture_is_what_both_languages_write() -> None:
    content = bytes.fromhex(FIXTURE["file"])
    codec = read_codec(content, **{size: FIXTURE[size] for size in ("hidden", *SIZES)})
    assert write_codec(codec) == content
    states = np.array(FIXTURE["hiddenState"], np.float32)
    payload = encode_payload(codec, states, FIXTURE["budget"])
    assert payload.hex() == FIXTURE["payload"]
    np.testing.assert_allclose(decode_payload(codec, payload, len(states)), FIXTURE["decoded"], atol=1e-5)


def test_wire_and_simulation_agree_within_the_budget(codec: StateCodec, captured: list[CapturedBatch]) -> None:
    for states in states_of(captured[1::2])[:20]:
        for budget in (8, 24):
            payload = encode_payload(codec, states, budget)
            assert len(payload) <= budget * len(states) or payload[0] == 0
            analysis = codec.analyse(states)
            simulated, _ = codec.finest(analysis, budget * len(states), by_entropy(codec, analysis))
            assert simulated <= payload[0] <= simulated + 32
            decoded = decode_payload(codec, payload, len(states))
            rounded = codec.round(analysis, payload[0])
            np.testing.assert_allclose(decoded, codec.restore(rounded.latents), atol=1e-5)


def test_more_bytes_err_less(codec: StateCodec, captured: list[CapturedBatch]) -> None:
    states = states_of(captured[1::2])
    errors = [np.mean([np.abs(codec.carried(state, size) - state).mean() for state in states]) for size in (6, 16, 40)]
    assert errors[0] > 1.5 * errors[1] > 2.25 * errors[2] > 0


def test_nothing_of_the_last_class_is_cut(codec: StateCodec, captured: list[CapturedBatch]) -> None:
    for states in states_of(captured)[:20]:
        analysis = codec.analyse(states)
        finest, _ = codec.finest(analysis, 1e9, by_entropy(codec, analysis))
        assert not codec.round(analysis, finest).cut
        assert finest == FINEST or codec.round(analysis, finest + 1).cut
        assert codec.finest(analysis, 0, by_entropy(codec, analysis))[0] == 0


def test_bytes_grow_with_fineness(codec: StateCodec, captured: list[CapturedBatch]) -> None:
    analysis = codec.analyse(states_of(captured)[0])
    sizes = [codec.bytes_of(analysis, codec.round(analysis, fineness)) for fineness in range(0, 160, 16)]
    assert sizes == sorted(sizes)


def test_every_spread_is_read_as_it_is_written(codec: StateCodec, captured: list[CapturedBatch]) -> None:
    states = max(states_of(captured), key=len)
    scattered = codec.mean + (states - codec.mean) * np.exp2(np.linspace(-4, 2, len(states)))[:, np.newaxis]
    analysis = codec.analyse(scattered.astype(np.float32))
    assert len(np.unique(analysis.spreads)) >= 3
    payload = encode_payload(codec, scattered.astype(np.float32), 24)
    rounded = codec.round(analysis, payload[0])
    np.testing.assert_allclose(decode_payload(codec, payload, len(states)), codec.restore(rounded.latents), atol=1e-5)


def test_what_does_not_fit_together_is_refused(codec: StateCodec) -> None:
    content, classes = write_codec(codec), len(codec.frequencies)
    with pytest.raises(ValueError, match="bytes of a codec"):
        read_codec(content[:-2], **sizes_of(codec))
    with pytest.raises(ValueError, match="codebook"):
        replace(codec, codebook=codec.codebook[1:])
    with pytest.raises(ValueError, match="encoder"):
        replace(codec, encoder=codec.encoder[1:])
    with pytest.raises(ValueError, match="finite"):
        replace(codec, mean=np.full(HIDDEN, np.inf, np.float16))
    with pytest.raises(ValueError, match="sum to"):
        replace(codec, level_frequencies=codec.level_frequencies + 1)
    with pytest.raises(ValueError, match="9 frequencies of spreads"):
        replace(codec, spread_frequencies=codec.level_frequencies[:1])
    with pytest.raises(ValueError, match="below"):
        replace(codec, classes=codec.classes + classes)
    with pytest.raises(ValueError, match="no bytes"):
        decode_payload(codec, b"", 1)


def test_plain_payloads_err_by_half_a_step() -> None:
    states = torch.randn(50, 64, generator=torch.Generator().manual_seed(0))
    # Half a step, and 2^-11 of the largest number where a float16 scale is rounded down.
    for rounded, steps, groups in ((int8_per_token, 127, 64), (int4_per_group, 7, 32)):
        peaks = states.unflatten(1, (-1, groups)).abs().amax(-1, keepdim=True)
        errors = (rounded(states) - states).unflatten(1, (-1, groups)).abs()
        assert (errors <= peaks * (0.5 / steps + 2**-11)).all() and errors.max() > 0
    assert torch.equal(int4_per_group(torch.zeros(2, 32)), torch.zeros(2, 32))


def test_agreement_counts_kept_labels(reference: ReferenceModel, captured: list[CapturedBatch]) -> None:
    assert set(agreement(reference, captured, 1, lambda state: state)) == {task.key for task in TASKS}
    assert min(agreement(reference, captured, 1, lambda state: state).values()) >= 95
    lost = agreement(reference, captured, 1, lambda state: state * 0)
    for task in TASKS:
        # One label for all rows: as often right as that label is the clean one.
        batches = [(batch, [at for at, key in enumerate(batch.tasks) if key == task.key]) for batch in captured]
        own = torch.cat([b.logits[at, -1][:, b.classes[at[0]]] for b, at in batches if at]).argmax(1)
        shares = torch.bincount(own, minlength=len(task.labels)) / len(own) * 100
        assert any(abs(lost[task.key] - float(share)) < 0.01 for share in shares)
