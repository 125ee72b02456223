"""Coded payloads: the entropy coder, the wire, the fit and the command."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from training.captured import CapturedBatch, capture, choose_rows, later_states
from training.codecs import fit_codecs, measure_dev
from training.coded_payload import decode_payload, encode_payload
from training.export import export
from training.exported import load_exported
from training.manifest import model_files, model_hash, read_manifest
from training.measured import PAYLOADS, read_measured
from training.payload_agreement import agreement
from training.prepared import read_prepared
from training.quantise import int4_per_group, int8_per_token
from training.rans import TOTAL, Decoder, encode
from training.reference import ReferenceModel, load_reference
from training.state_codec import FINEST, Analysis, Rounded, StateCodec, read_codec, write_codec
from training.state_codec_fit import fit, flatten, whole_frequencies
from training.tasks import TASKS
from training.tests.tiny import HIDDEN, LAYERS

# What a codec's file does not say of itself, beside the hidden size.
SIZES = ("codewords", "levels", "classes")
FIXTURE = json.loads((Path(__file__).parent / "state_codec.json").read_text(encoding="utf-8"))


pytestmark = pytest.mark.usefixtures("one_thread")


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


def by_entropy(codec: StateCodec, analysis: Analysis) -> Callable[[int, Rounded], float]:
    """Sizes as the simulation takes them."""
    return lambda _, rounded: codec.bytes_of(analysis, rounded)


def test_symbols_come_back_in_their_order_at_their_entropy() -> None:
    random = np.random.default_rng(2)
    frequencies = whole_frequencies(random.random(9) ** 6)
    starts = np.concatenate([[0], np.cumsum(frequencies)])
    symbols = random.choice(9, 5000, p=frequencies / TOTAL)
    content = encode([(int(starts[symbol]), int(frequencies[symbol])) for symbol in symbols])
    entropy = -np.log2(frequencies[symbols] / TOTAL).sum() / 8
    assert entropy < len(content) < 1.001 * entropy + 5
    decoder = Decoder(content)
    for symbol in symbols:
        assert starts[symbol] <= decoder.slot < starts[symbol + 1]
        decoder.take(int(starts[symbol]), int(frequencies[symbol]))
    decoder.finish()


def test_a_symbol_that_is_certain_takes_nothing() -> None:
    assert encode([(0, TOTAL)] * 100) == bytes.fromhex("00800000")


def test_bytes_that_are_missing_or_left_over_are_refused() -> None:
    half = TOTAL // 2
    content = encode([(0, half), (half, half)] * 40)
    with pytest.raises(ValueError, match="at least 4"):
        Decoder(content[:3])
    for changed in (content[:-1], content + bytes(1)):
        with pytest.raises(ValueError, match="expected"):
            decoder = Decoder(changed)
            for start in [0, half] * 40:
                decoder.take(start, half)
            decoder.finish()


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


@pytest.mark.parametrize("kind", ["weights", "attentive_weights"])
def test_exported_files_give_the_model_back(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    reference = load_reference(request.getfixturevalue(kind))
    export(request.getfixturevalue(kind), tmp_path / "tiny")
    found = load_exported(tmp_path / "tiny", read_manifest(tmp_path / "tiny"))
    stored = reference.state_dict()
    assert set(found.state_dict()) == set(stored)
    for name, tensor in found.state_dict().items():
        assert torch.equal(tensor, stored[name][: len(tensor)]), name
    assert found.bert.config.num_attention_heads == reference.bert.config.num_attention_heads


def test_command_writes_files_table_and_manifest(model: Path, prepared: Path, glue: Path) -> None:
    def run() -> None:
        fit_codecs(model, prepared, 40, 10, (1, 2))

    before = model_hash(model_files(read_manifest(model)))
    run()
    manifest = read_manifest(model)
    assert model_hash(model_files(manifest)) == manifest["hash"] == before
    entries = manifest["codecs"]
    assert [entry["layer"] for entry in entries] == [1, 2]
    contents = {entry["file"]["path"]: (model / entry["file"]["path"]).read_bytes() for entry in entries}
    for entry in entries:
        codec = read_codec(contents[entry["file"]["path"]], hidden=HIDDEN, **{size: entry[size] for size in SIZES})
        assert sizes_of(codec) == {"hidden": HIDDEN, **{size: entry[size] for size in SIZES}}
    run()
    assert contents == {path: (model / path).read_bytes() for path in contents}
    measure_dev(model, glue, 5)
    table = read_measured(model, PAYLOADS)
    assert list(table) == ["calibration", "dev"] and set(table["dev"]["rows"].values()) == {5}
    for split in table.values():
        assert list(split["agreementPercent"]["2"]) == [
            "float16", "int8", "int4", "coded, 216 bytes", "coded, 96 bytes",
        ]  # fmt: skip
    assert read_manifest(model)["codecs"] == entries


def test_narrowed_measurements_are_printed_only(
    model: Path, prepared: Path, glue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fit_codecs(model, prepared, 40, 10, (1, 2))
    capsys.readouterr()
    measure_dev(model, glue, 5, TASKS[:1], [2])
    header, tasks, *lines = capsys.readouterr().out.splitlines()
    assert "percent" in header and tasks.split() == [TASKS[0].name]
    assert len(lines) == 5 and all(line.startswith("layer 2") for line in lines)
    assert list(read_measured(model, PAYLOADS)) == ["calibration"]
    with pytest.raises(ValueError, match="layers among"):
        measure_dev(model, glue, 5, TASKS[:1], [3])


def test_rows_of_another_tokenizer_are_refused(model: Path, prepared: Path, tmp_path: Path) -> None:
    about = json.loads((prepared / "prepared.json").read_text(encoding="utf-8"))
    changed = shutil.copytree(prepared, tmp_path / "prepared")
    (changed / "prepared.json").write_text(json.dumps({**about, "tokenizer": "0"}), encoding="utf-8")
    with pytest.raises(ValueError, match="tokenizer"):
        fit_codecs(model, changed, 1, 1)


def test_rows_of_the_wanted_lengths_are_drawn(prepared: Path) -> None:
    train = read_prepared(prepared).train
    rows = choose_rows(train, 6, (5, 9), 3)
    assert rows == choose_rows(train, 6, (5, 9), 3) != choose_rows(train, 6, (5, 9), 4)
    assert all(5 <= len(row.encoded.input_ids) <= 9 for row in rows)
    assert all(sum(row.task == task for row in rows) <= 6 for task in train)
