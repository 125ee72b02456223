"""New ramps on frozen states: config, targets, states."""

from pathlib import Path

import numpy as np
import pytest
import torch

from training.data.glue import TASKS
from training.data.prepared import read_prepared
from training.data.tasks import total_classes
from training.data.tokenise import padded_batches
from training.fit.config import read_config
from training.fit.frozen_states import FrozenStates
from training.fit.ramp_config import RampConfig
from training.fit.ramp_trainer import SoftTargets, exit_numbers, own_labels
from training.model.reference import load_reference
from training.tests.tiny.weights import LAYERS


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
    numbers = exit_numbers(model.exit_ramps[-1], states, SoftTargets(found, states.task, TASKS, 0.1))
    assert set(numbers["agreement"].values()) == {100.0}
    gold = np.concatenate([rows[task.key].gold for task in TASKS])[[row for batch in batches for row in batch.rows]]
    mnli = np.flatnonzero(states.task == len(TASKS) - 1)
    hits = own_labels(found, states.task, TASKS).numpy()[mnli] == gold[mnli]
    assert numbers["accuracy"]["mnli"] == pytest.approx(hits.mean() * 100, abs=0.01)


def test_rows_count_for_their_task_and_a_little_for_others_of_its_kind() -> None:
    task = torch.tensor([0, 0, 0, 0, 2])
    targets = SoftTargets(torch.zeros(5, total_classes(TASKS)), task, TASKS, cross_weight=0.25)
    own = [(5 / 7 / 4) ** 0.5, (5 / 7) ** 0.5]
    torch.testing.assert_close(targets.weights[0], torch.tensor([own[0], 0.25, 0, 0, 0, 0, 0]))
    torch.testing.assert_close(targets.weights[4], torch.tensor([0, 0, own[1], 0.25, 0.25, 0.25, 0.25]))
    torch.testing.assert_close(targets.probabilities[0].sum(), torch.tensor(7.0))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ('{"head": 3}', "head\n  Unexpected"),
        ('{"epochs": 0}', "epochs\n  Input should be greater than or equal to 1"),
        ('{"task_shares": {"sst2": 2}}', "task_shares.sst2\n  Input should be less than or equal to 1"),
        ('{"precision": "half"}', "precision\n  Input should be 'float32' or 'bf16'"),
    ],
)
def test_bad_configs_are_refused(tmp_path: Path, content: str, error: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=error):
        read_config(path, RampConfig)


def test_the_recipe_is_readable() -> None:
    recipe = read_config(Path("training/recipes/e5-small-v2-glue-ramps.json"), RampConfig)
    assert recipe.heads == 24
    assert read_config(None, RampConfig) == RampConfig()
