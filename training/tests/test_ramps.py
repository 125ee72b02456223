"""New exit ramps on a body that stays."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from training import ramps
from training.exit_ramp import AttentionRamp
from training.frozen_states import FrozenStates
from training.prepared import read_prepared
from training.ramp_config import RampConfig, read_ramp_config
from training.ramp_trainer import SoftTargets, exit_numbers, own_labels
from training.ramps import retrain_ramps
from training.reference import load_reference
from training.tasks import TASKS, class_slices, total_classes
from training.tests.tiny import HIDDEN, LAYERS
from training.tokenise import padded_batches
from training.weights import ramp_heads, read_tensors

TINY = RampConfig(heads=4, epochs=8, batch_rows=32, peak_rate=1e-2, precision="float32", task_shares={"sst2": 0.5})


@pytest.fixture
def trained(weights: Path, prepared: Path, tmp_path: Path, one_thread: None) -> Path:
    """The tiny weights with new ramps."""
    retrain_ramps(weights, prepared, tmp_path / "ramps", TINY)
    return tmp_path / "ramps"


def test_ramps_learn_what_the_last_exit_says_and_the_body_stays(weights: Path, trained: Path) -> None:
    assert ramp_heads(weights) == 0
    assert ramp_heads(trained) == TINY.heads
    before, after = read_tensors(weights), read_tensors(trained)
    body = [name for name in before if not name.startswith("exit_ramps.")]
    assert all(np.array_equal(before[name], after[name]) for name in body)
    told = json.loads((trained / "training.json").read_text())["ramps"]
    assert told["config"] == json.loads(json.dumps(asdict(TINY)))
    curve = told["calibration"]
    assert [entry["layer"] for entry in curve] == list(range(1, LAYERS + 1))
    agreement = [np.mean(list(entry["after"]["agreement"].values())) for entry in curve]
    untrained = np.mean(list(curve[0]["before"]["agreement"].values()))
    assert agreement[0] > untrained + 10
    assert agreement[-1] > 85
    assert set(curve[-1]["before"]["agreement"].values()) == {100.0}
    assert not list(trained.glob("ramp-*"))


def test_a_run_that_was_stopped_goes_on_to_the_same_weights(
    weights: Path, prepared: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "stopped"
    calls = []

    def stopping(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        train(*arguments)

    train = ramps.train_ramp
    monkeypatch.setattr(ramps, "train_ramp", stopping)
    with pytest.raises(KeyboardInterrupt):
        retrain_ramps(weights, prepared, out, TINY)
    with pytest.raises(ValueError, match=r"ramp-01\.safetensors to be of this run"):
        retrain_ramps(weights, prepared, out, replace(TINY, seed=1))
    retrain_ramps(weights, prepared, out, TINY)
    assert len(calls) == 2 + LAYERS - 1
    assert (out / "model.safetensors").read_bytes() == (trained / "model.safetensors").read_bytes()


def test_without_heads_the_ramps_there_are_go_on_learning(
    weights: Path, prepared: Path, tmp_path: Path, one_thread: None
) -> None:
    retrain_ramps(weights, prepared, tmp_path / "out", replace(TINY, heads=0, epochs=1))
    before, after = read_tensors(weights), read_tensors(tmp_path / "out")
    assert set(before) == set(after)
    assert not np.array_equal(before["exit_ramps.0.pooler.weight"], after["exit_ramps.0.pooler.weight"])


def test_frozen_states_are_the_bodys(weights: Path, prepared: Path) -> None:
    model, rows = load_reference(weights), read_prepared(prepared).train
    states = FrozenStates(model, rows, "float32")
    for layer in range(LAYERS):
        states.advance()
        found = states.logits(model.exit_ramps[layer])
        encoded = [row for task in TASKS for row in rows[task.key].all_encoded()]
        batches = list(padded_batches(encoded, 16))
        expected = np.concatenate([model.logits(batch)[:, layer] for batch in batches])
        np.testing.assert_allclose(found, expected, atol=0.02)
    numbers = exit_numbers(model.exit_ramps[-1], states, SoftTargets(found, states.task, 0.1))
    assert set(numbers["agreement"].values()) == {100.0}
    gold = np.concatenate([rows[task.key].gold for task in TASKS])[[row for batch in batches for row in batch.rows]]
    mnli = np.flatnonzero(states.task == len(TASKS) - 1)
    hits = own_labels(found, states.task).numpy()[mnli] == gold[mnli]
    assert numbers["accuracy"]["mnli"] == pytest.approx(hits.mean() * 100, abs=0.01)


def test_attention_pools_real_tokens_by_their_scores() -> None:
    torch.manual_seed(0)
    ramp = AttentionRamp(HIDDEN, 4).eval()
    states = torch.randn(2, 5, HIDDEN)
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    logits = ramp(states, mask)
    assert logits.shape == (2, total_classes())
    torch.testing.assert_close(ramp(states[1:, :3], mask[1:, :3]), logits[1:])
    summary = []
    for head in range(4):
        weights = torch.softmax(states[0] @ ramp.query.weight[head], dim=0)
        part = ramp.value.weight[head * HIDDEN // 4 : (head + 1) * HIDDEN // 4]
        summary.append(part @ (weights @ states[0]))
    pooled = torch.tanh(ramp.pooler(torch.cat(summary)))
    start, end = class_slices()["rte"]
    torch.testing.assert_close(ramp.classifiers["rte"](pooled), logits[0, start:end])
    with pytest.raises(ValueError, match="divides 32, got 5"):
        AttentionRamp(HIDDEN, 5)


def test_rows_count_for_their_task_and_a_little_for_others_of_its_kind() -> None:
    task = torch.tensor([0, 0, 0, 0, 2])
    targets = SoftTargets(torch.zeros(5, total_classes()), task, cross_weight=0.25)
    own = [(5 / 7 / 4) ** 0.5, (5 / 7) ** 0.5]
    torch.testing.assert_close(targets.weights[0], torch.tensor([own[0], 0.25, 0, 0, 0, 0, 0]))
    torch.testing.assert_close(targets.weights[4], torch.tensor([0, 0, own[1], 0.25, 0.25, 0.25, 0.25]))
    torch.testing.assert_close(targets.probabilities[0].sum(), torch.tensor(7.0))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ('{"head": 3}', r"expected config fields among .* got \['head'\]"),
        ('{"epochs": 0}', "expected epochs to be at least 1, got 0"),
        ('{"task_shares": {"sst2": 2}}', "expected task_shares to be task keys with shares from 0 to 1"),
        ('{"precision": "half"}', "expected precision to be one of"),
    ],
)
def test_bad_configs_are_refused(tmp_path: Path, content: str, error: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=error):
        read_ramp_config(path)


def test_the_recipe_is_readable() -> None:
    recipe = read_ramp_config(Path("training/recipes/e5-small-v2-glue-ramps.json"))
    assert recipe.heads == 24
    assert read_ramp_config(None) == RampConfig()
