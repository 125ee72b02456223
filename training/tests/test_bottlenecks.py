"""Low-rank payloads: the wire, the rounding, the fit and the command."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from training.bottleneck import (
    Bottleneck,
    bytes_per_token,
    decode_payload,
    encode_payload,
    read_bottleneck,
    write_bottleneck,
)
from training.bottleneck_fit import FitConfig, LowRank, Tokens, fit, flatten, principal_coordinates
from training.bottlenecks import AGREEMENT_FILE, fit_bottlenecks, measure_dev
from training.captured import CapturedBatch, capture, choose_rows, later_states
from training.export import export
from training.manifest import model_files, model_hash, read_manifest
from training.payload_agreement import agreement, carried_by
from training.prepared import read_prepared
from training.quantise import int4_per_group, int8_per_token, symmetric
from training.reference import ReferenceModel, load_reference
from training.tasks import TASKS
from training.tests.tiny import HIDDEN, LAYERS

FIXTURE = json.loads((Path(__file__).parent / "bottleneck.json").read_text(encoding="utf-8"))
QUICK = FitConfig(steps=80, batch_rows=16, rate=1e-3)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def reference(weights: Path) -> ReferenceModel:
    """The tiny model, without gradients for its weights."""
    return load_reference(weights).requires_grad_(False)


@pytest.fixture(scope="module")
def captured(reference: ReferenceModel, prepared: Path) -> list[CapturedBatch]:
    """All layers' states and gradients on train rows."""
    rows = choose_rows(read_prepared(prepared).train, 40, (1, 128), 1)
    return capture(reference, rows, range(1, LAYERS + 1), torch.Generator().manual_seed(1))


def random_bottleneck(int8: int, int4: int, hidden: int = 24) -> Bottleneck:
    """A seeded bottleneck of normal numbers."""
    random = np.random.default_rng(5)
    latents = int8 + int4
    shapes = ((hidden,), (hidden, latents), (latents, hidden))
    return Bottleneck(int8, int4, *(random.normal(size=shape).astype(np.float16) for shape in shapes))


def test_payload_of_the_fixture_is_the_one_worked_by_hand() -> None:
    content = bytes.fromhex(FIXTURE["file"])
    bottleneck = read_bottleneck(content, FIXTURE["hidden"], FIXTURE["int8"], FIXTURE["int4"])
    assert write_bottleneck(bottleneck) == content
    states = np.array(FIXTURE["hiddenState"], np.float32)
    payload = encode_payload(bottleneck, states)
    assert payload.hex() == FIXTURE["payload"]
    np.testing.assert_allclose(decode_payload(bottleneck, payload, len(states)), FIXTURE["decoded"], atol=1e-6)


@pytest.mark.parametrize(("int8", "int4"), [(5, 6), (0, 8), (7, 0)])
def test_wire_and_simulation_agree(int8: int, int4: int) -> None:
    bottleneck = random_bottleneck(int8, int4)
    states = np.random.default_rng(1).normal(size=(9, 24)).astype(np.float32)
    payload = encode_payload(bottleneck, states)
    assert len(payload) == 9 * bytes_per_token(int8, int4) == 9 * (4 + int8 + int4 // 2)
    simulated = carried_by(bottleneck)(torch.from_numpy(states)).numpy()
    np.testing.assert_allclose(decode_payload(bottleneck, payload, 9), simulated, atol=1e-4)


def test_wrong_shapes_and_lengths_are_refused() -> None:
    bottleneck = random_bottleneck(3, 4)
    with pytest.raises(ValueError, match="even number"):
        random_bottleneck(3, 5)
    with pytest.raises(ValueError, match="encoder"):
        replace(bottleneck, int8=4)
    with pytest.raises(ValueError, match="finite"):
        replace(bottleneck, mean=np.full(24, np.inf, np.float16))
    with pytest.raises(ValueError, match="bytes"):
        read_bottleneck(write_bottleneck(bottleneck)[:-2], 24, 3, 4)
    with pytest.raises(ValueError, match="bytes"):
        decode_payload(bottleneck, bytes(10), 1)


def test_rounding_errs_by_half_a_step_and_passes_gradients() -> None:
    states = torch.randn(50, 64, generator=torch.Generator().manual_seed(0))
    # Half a step, and 2^-11 of the largest number where a float16 scale is rounded down.
    for rounded, steps, groups in ((int8_per_token, 127, 64), (int4_per_group, 7, 32)):
        peaks = states.unflatten(1, (-1, groups)).abs().amax(-1, keepdim=True)
        errors = (rounded(states) - states).unflatten(1, (-1, groups)).abs()
        assert (errors <= peaks * (0.5 / steps + 2**-11)).all() and errors.max() > 0
    values = states.requires_grad_()
    (gradient,) = torch.autograd.grad(symmetric(values, 7).sum(), values)
    inner = torch.ones_like(values).scatter(1, values.abs().argmax(1, keepdim=True), 0).bool()
    assert torch.equal(gradient[inner], torch.ones_like(gradient[inner]))
    assert torch.equal(symmetric(torch.zeros(2, 3), 7), torch.zeros(2, 3))


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


def test_fit_lowers_the_loss_on_other_rows(captured: list[CapturedBatch]) -> None:
    train, held = flatten(captured[::2], 1), flatten(captured[1::2], 1)
    held = held.rows(torch.arange(len(held.lengths)))
    initial, fitted = LowRank(principal_coordinates(train, QUICK.isotropy), 2, 8), fit(train, 2, 8, QUICK)
    with torch.no_grad():
        assert fitted.loss(held, QUICK) < initial.loss(held, QUICK)


def test_coordinates_are_white_and_invertible(captured: list[CapturedBatch]) -> None:
    tokens = flatten(captured, 2)
    coordinates = principal_coordinates(tokens, 1.0)
    inputs = (tokens.states.float() - coordinates.mean) @ coordinates.into
    np.testing.assert_allclose(inputs.T @ inputs / len(inputs), np.eye(HIDDEN), atol=1e-2)
    np.testing.assert_allclose(coordinates.mean + inputs @ coordinates.back, tokens.states.float(), atol=1e-3)
    assert (coordinates.costs[:-1] >= coordinates.costs[1:]).all()


def test_fit_is_reproducible_and_folds_into_one_matrix_each(captured: list[CapturedBatch]) -> None:
    tokens = flatten(captured, 1)
    model = fit(tokens, 4, 12, QUICK)
    assert write_bottleneck(model.bottleneck()) == write_bottleneck(fit(tokens, 4, 12, QUICK).bottleneck())
    assert write_bottleneck(model.bottleneck()) != write_bottleneck(
        fit(tokens, 4, 12, replace(QUICK, seed=1)).bottleneck()
    )
    states = tokens.states.float()
    with torch.no_grad():
        trained, shipped = model(states), carried_by(model.bottleneck())(states)
    # Matrices are shipped as float16, and a latent on the edge between two steps may fall on either side.
    assert (shipped - trained).square().mean() < 0.05 * (trained - states).square().mean()


def test_rows_are_picked_whole(captured: list[CapturedBatch]) -> None:
    tokens = flatten(captured, 1)
    part = tokens.rows(torch.tensor([3, 0]))
    ends = tokens.lengths.cumsum(0)
    expected = torch.cat([tokens.states[ends[2] : ends[3]], tokens.states[: ends[0]]]).float()
    assert torch.equal(part.states, expected) and part.lengths.tolist() == tokens.lengths[[3, 0]].tolist()


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


def test_command_writes_files_table_and_manifest(weights: Path, model: Path, prepared: Path, glue: Path) -> None:
    def run() -> None:
        fit_bottlenecks(weights, model, prepared, 40, 10, replace(QUICK, steps=5), (1, 2), ((4, 12), (2, 4)))

    before = model_hash(model_files(read_manifest(model)))
    run()
    manifest = read_manifest(model)
    assert model_hash(model_files(manifest)) == manifest["hash"] == before
    assert [(entry["layer"], entry["bytesPerToken"]) for entry in manifest["bottlenecks"]] == [
        (1, 14), (1, 8), (2, 14), (2, 8),
    ]  # fmt: skip
    contents = {
        entry["file"]["path"]: (model / entry["file"]["path"]).read_bytes() for entry in manifest["bottlenecks"]
    }
    for entry in manifest["bottlenecks"]:
        read_bottleneck(contents[entry["file"]["path"]], HIDDEN, entry["int8"], entry["int4"])
    run()
    assert contents == {path: (model / path).read_bytes() for path in contents}
    measure_dev(weights, model, glue, 5)
    table = json.loads((model / AGREEMENT_FILE).read_text(encoding="utf-8"))
    assert list(table) == ["calibration", "dev"] and set(table["dev"]["rows"].values()) == {5}
    for split in table.values():
        assert list(split["agreementPercent"]["2"]) == ["float16", "int8", "int4", "14", "8"]
    assert {entry["file"]["path"] for entry in manifest["bottlenecks"]} == {
        entry["file"]["path"] for entry in read_manifest(model)["bottlenecks"]
    }


def test_other_weights_are_refused(weights: Path, model: Path, prepared: Path, tmp_path: Path) -> None:
    other = shutil.copytree(weights, tmp_path / "other")
    (other / "model.safetensors").write_bytes((weights / "model.safetensors").read_bytes() + b" ")
    with pytest.raises(ValueError, match="exported from"):
        fit_bottlenecks(other, model, prepared, 1, 1, QUICK)
    export(weights, tmp_path / "tiny2")
    about = json.loads((prepared / "prepared.json").read_text(encoding="utf-8"))
    changed = shutil.copytree(prepared, tmp_path / "prepared")
    (changed / "prepared.json").write_text(json.dumps({**about, "tokenizer": "0"}), encoding="utf-8")
    with pytest.raises(ValueError, match="tokenizer"):
        fit_bottlenecks(weights, tmp_path / "tiny2", changed, 1, 1, QUICK)


def test_rows_of_the_wanted_lengths_are_drawn(prepared: Path) -> None:
    train = read_prepared(prepared).train
    rows = choose_rows(train, 6, (5, 9), 3)
    assert rows == choose_rows(train, 6, (5, 9), 3) != choose_rows(train, 6, (5, 9), 4)
    assert all(5 <= len(row.encoded.input_ids) <= 9 for row in rows)
    assert all(sum(row.task == task for row in rows) <= 6 for task in train)


def test_tokens_need_no_padding() -> None:
    tokens = Tokens(torch.arange(12.0).view(6, 2).half(), torch.zeros(6, 2), torch.tensor([1, 3, 2]))
    assert tokens.rows(torch.tensor([2])).states.tolist() == [[8, 9], [10, 11]]
