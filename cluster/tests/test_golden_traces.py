"""Recorded rows leave by the engine's exit rule where `core`'s replay lets them leave."""

import json

import pytest

from cluster.exit_rule import ExitRules
from cluster.model_folder import ModelFolder
from cluster.tests.conftest import MODEL, node

TASKS = ("sst2", "mrpc", "mnli")
ROWS = 60
ENTERED = 1, 9
"""Layers from which rows are followed: a whole sample's first, and the first of the cloud."""


@pytest.fixture(scope="module")
def golden() -> dict:
    return json.loads(node("--import", "tsx", "cluster/testing/golden-exits.ts", str(MODEL), str(ROWS), *TASKS))


@pytest.fixture(scope="module")
def rules(exit_rule: str, model: ModelFolder) -> ExitRules:
    return ExitRules(exit_rule, model)


def followed(rules: ExitRules, golden: dict, task: str, policy: str, start: int, rows: list[int]) -> list[int]:
    """Where the engine lets rows leave that enter before the layer `start`, all rows of a layer in one call."""
    known = golden["tasks"][task]
    first, _ = known["slice"]
    exits = {}
    for row in rows:
        sample = {
            "key": f"{row}",
            "task": task,
            "policy": {"id": policy, "parameters": {}},
            "plan": golden["plan"],
            "rowSeed": row,
            "priorLogits": known["rows"][row]["logits"][: start - 1],
        }
        rules.begin(sample)
    staying = rows
    for layer in range(start, 13):
        steps = []
        for row in staying:
            logits = [0.0] * 15
            own = known["rows"][row]["logits"][layer - 1]
            logits[first : first + len(own)] = own
            steps.append((f"{row}", logits, known["rows"][row]["saturation"][layer - 1]))
        stays = rules.after(steps)
        exits |= {row: layer for row, stay in zip(staying, stays, strict=True) if not stay}
        staying = [row for row, stay in zip(staying, stays, strict=True) if stay]
    assert not staying
    return [exits[row] for row in rows]


@pytest.mark.parametrize("start", ENTERED)
@pytest.mark.parametrize("task", TASKS)
def test_every_stateless_policy_exits_as_in_core(rules: ExitRules, golden: dict, task: str, start: int) -> None:
    expected = golden["tasks"][task]["exits"]
    assert len(expected) >= 20
    compared = 0
    for policy, exits in expected.items():
        rows = [row for row, layer in enumerate(exits) if layer >= start]
        if rows:
            assert followed(rules, golden, task, policy, start, rows) == [exits[row] for row in rows], policy
            compared += len(rows)
    assert compared > 150


def test_rows_leave_at_many_layers(golden: dict) -> None:
    """Or the comparison would say nothing."""
    exits = golden["tasks"]["sst2"]["exits"]
    assert {layer for layers in exits.values() for layer in layers} == set(range(1, 13))
