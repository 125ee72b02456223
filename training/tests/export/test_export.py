"""Exported files: what they compute, and what the manifest says of them."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from training.data.glue import TASKS
from training.data.tasks import total_classes
from training.data.tokenise import Batch, Encoded, encode, load_tokenizer, padded_batches
from training.export.export import export
from training.export.manifest import model_files, read_manifest, tasks_of
from training.export.runtime import LadderRuntime, open_session
from training.model.provenance import read_provenance
from training.model.reference import load_reference
from training.model.weights import load_weights
from training.tests.tiny.weights import HIDDEN, LAYERS, write_weights

TEXTS = [("the film is good .",), ("bad",), ("why is a film bad", "the films are not good")]


def encoded_texts(model: Path) -> list[Encoded]:
    """The test's texts as the exported tokenizer reads them."""
    return encode(load_tokenizer(model / "tokenizer.json"), TEXTS)


def padded_batch(model: Path) -> Batch:
    """All of them in one padded batch."""
    (batch,) = padded_batches(encoded_texts(model), batch_size=len(TEXTS))
    return batch


def test_fp16_gives_the_logits_of_pytorch_with_padding(weights: Path, exported: Path) -> None:
    batch = padded_batch(exported)
    logits = LadderRuntime(exported, read_manifest(exported), "fp16").logits(batch)
    assert logits.shape == (len(TEXTS), LAYERS, total_classes(TASKS))
    np.testing.assert_allclose(logits, load_reference(weights).logits(batch), atol=1e-4)


@pytest.fixture(scope="module")
def attentive(attentive_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model whose ramps pool by attention, as exported; not to be changed."""
    out = tmp_path_factory.mktemp("models") / "tiny"
    export(attentive_weights, out)
    return out


def test_ramps_that_pool_by_attention_give_the_logits_of_pytorch(attentive_weights: Path, attentive: Path) -> None:
    batch, manifest = padded_batch(attentive), read_manifest(attentive)
    expected = load_reference(attentive_weights).logits(batch)
    fp16, q8 = (LadderRuntime(attentive, manifest, name).logits(batch) for name in ("fp16", "q8"))
    np.testing.assert_allclose(fp16, expected, atol=1e-4)
    assert np.abs(q8 - expected).mean() < 0.15 * np.abs(expected).mean()


def test_q8_is_near(exported: Path) -> None:
    manifest, batch = read_manifest(exported), padded_batch(exported)
    q8, fp16 = (LadderRuntime(exported, manifest, name).logits(batch) for name in ("q8", "fp16"))
    # Random weights of other seeds are off by 4 to 14 %.
    assert np.abs(q8 - fp16).mean() < 0.1 * np.abs(fp16).mean()


@pytest.mark.parametrize("variant", ["fp16", "q8"])
def test_a_row_has_the_same_bits_alone_and_beside_any_companion(attentive: Path, variant: str) -> None:
    ladder = LadderRuntime(attentive, read_manifest(attentive), variant)
    alone = ladder.all_logits(encoded_texts(attentive), batch_size=1)
    np.testing.assert_array_equal(ladder.all_logits(encoded_texts(attentive), batch_size=len(TEXTS)), alone)


@pytest.mark.parametrize("value", [1e30, np.inf, np.nan])
@pytest.mark.parametrize("variant", ["fp16", "q8"])
def test_a_hostile_state_changes_no_bit_of_its_companion(attentive: Path, variant: str, value: float) -> None:
    layer = open_session(attentive / variant / "layer-01.onnx", threads=1)
    state = np.random.default_rng(8).normal(size=(1, 5, HIDDEN)).astype(np.float32)
    padded = np.concatenate([state, np.zeros((1, 3, HIDDEN), np.float32)], axis=1)
    batch = np.concatenate([np.full_like(padded, value), padded])
    mask = np.array([[1] * 8, [1] * 5 + [0] * 3], np.int32)
    expected = layer.run(None, {"hidden_state": state, "attention_mask": mask[1:, :5]})
    found = layer.run(None, {"hidden_state": batch, "attention_mask": mask})
    np.testing.assert_array_equal(found[0][1:, :5], expected[0])
    np.testing.assert_array_equal(found[1][1:], expected[1])


@pytest.mark.parametrize("variant", ["fp16", "q8"])
def test_files_declare_the_agreed_inputs_and_outputs(exported: Path, variant: str) -> None:
    embeddings = open_session(exported / variant / "embeddings.onnx", threads=1)
    assert [(value.name, value.type) for value in embeddings.get_inputs()] == [
        ("input_ids", "tensor(int32)"),
        ("token_type_ids", "tensor(int32)"),
    ]
    layer = open_session(exported / variant / "layer-01.onnx", threads=1)
    assert [(value.name, value.shape) for value in layer.get_inputs()] == [
        ("hidden_state", ["batch", "tokens", HIDDEN]),
        ("attention_mask", ["batch", "tokens"]),
    ]
    assert [(value.name, value.shape) for value in layer.get_outputs()] == [
        ("next_hidden_state", ["batch", "tokens", HIDDEN]),
        ("logits", ["batch", total_classes(TASKS)]),
    ]


@pytest.mark.parametrize("variant", ["fp16", "q8"])
def test_files_use_standard_operators_and_store_no_float32_matrix(exported: Path, variant: str) -> None:
    for path in sorted((exported / variant).iterdir()):
        model = onnx.load(path)
        assert {node.domain for node in model.graph.node} == {""}
        large = [tensor for tensor in model.graph.initializer if np.prod(tensor.dims) > HIDDEN]
        assert all(tensor.data_type in (onnx.TensorProto.FLOAT16, onnx.TensorProto.INT8) for tensor in large)


def test_manifest_lists_every_file_with_its_hash(exported: Path) -> None:
    manifest = read_manifest(exported)
    entries = model_files(manifest)
    assert len(entries) == 1 + 2 * (1 + LAYERS)
    for entry in entries:
        content = (exported / entry["path"]).read_bytes()
        assert entry["bytes"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    lines = sorted((entry["path"], entry["sha256"]) for entry in entries)
    joined = "".join(f"{sha256}  {path}\n" for path, sha256 in lines)
    assert manifest["hash"] == hashlib.sha256(joined.encode()).hexdigest()


def test_manifest_has_the_agreed_fields_and_task_order(exported: Path) -> None:
    manifest = read_manifest(exported)
    assert " ".join(manifest) == (
        "format id hash layers hidden maxTokens classes tokenizer variants defaultVariant tasks"
    )
    assert list(manifest["tasks"]) == ["sst2", "cola", "mrpc", "qqp", "rte", "qnli", "mnli"]
    ends = [0] + [task["logits"][1] for task in manifest["tasks"].values()]
    assert [task["logits"][0] for task in manifest["tasks"].values()] == ends[:-1]
    assert ends[-1] == manifest["classes"]
    assert manifest["defaultVariant"] == {"wasm": "q8", "webgpu": "fp16", "native": "q8"}
    assert tasks_of(manifest) == TASKS
    for task in manifest["tasks"].values():
        assert " ".join(task) == "name question metric examples pair labels logits temperatures thresholds traces"
        assert task["temperatures"] == [1.0] * LAYERS
        assert task["logits"][1] - task["logits"][0] == len(task["labels"])


def test_provenance_lies_beside_the_manifest(exported: Path, tmp_path: Path) -> None:
    assert "belongs on WASM or the CPU" in read_provenance(exported)["caveats"][0]
    with pytest.raises(FileNotFoundError, match="export the model again"):
        read_provenance(tmp_path)


def test_parity_fixture_holds_what_pytorch_computes(weights: Path, exported: Path) -> None:
    fixture = json.loads((exported / "parity.json").read_text())
    reference = load_reference(weights)
    assert len(fixture["samples"]) == 28
    sample = fixture["samples"][-1]
    (batch,) = padded_batches([Encoded(sample["inputIds"], sample["tokenTypeIds"])], batch_size=1)
    np.testing.assert_allclose(sample["logits"], reference.logits(batch)[0, :, -3:], atol=1e-5)


def test_export_is_reproducible(weights: Path, exported: Path, tmp_path: Path) -> None:
    export(weights, tmp_path / "tiny")
    assert (tmp_path / "tiny" / "manifest.json").read_bytes() == (exported / "manifest.json").read_bytes()


def test_export_fitted_to_train_rows_says_so_and_is_reproducible(
    weights: Path, exported: Path, prepared: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "a" / "tiny", tmp_path / "b" / "tiny"
    for out in (first, second):
        export(weights, out, prepared)
    assert (first / "manifest.json").read_bytes() == (second / "manifest.json").read_bytes()
    fitted, own = read_manifest(first), read_manifest(exported)
    assert "train split" in read_provenance(first)["quantisation"]
    assert "own sentences" in read_provenance(exported)["quantisation"]
    assert fitted["variants"]["fp16"] == own["variants"]["fp16"] and fitted["variants"]["q8"] != own["variants"]["q8"]


def test_rows_of_another_tokenizer_are_refused(weights: Path, prepared: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(weights, tmp_path / "weights")
    tokenizer = json.loads((changed / "tokenizer.json").read_text())
    (changed / "tokenizer.json").write_text(json.dumps(tokenizer | {"version": "2.0"}))
    with pytest.raises(ValueError, match="prepare them again"):
        export(changed, tmp_path / "tiny", prepared)


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    folder = write_weights(tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"hidden_act": "relu"}))
    with pytest.raises(ValueError, match=r"hidden_act 'gelu'.*'relu'"):
        load_weights(folder)
