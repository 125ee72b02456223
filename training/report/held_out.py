"""A task that brings no labels: its points from what the other tasks' exits lose, counted on its dev rows."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from training.calibration.calibrated import read_calibrated, read_trace
from training.calibration.cascade import Exits, Plan, exits_of
from training.calibration.expected_losses import PooledLosses
from training.calibration.plans import own_plans
from training.calibration.probabilities import softmax
from training.calibration.thresholds import cheapest_within, joint_choices, point_of_unseen
from training.export.manifest import Manifest, read_manifest, tasks_of
from training.export.measured import HELD_OUT, write_measured
from training.report.headline import TaskRows, summary, task_rows
from training.report.rule import JOINT_ALLOWANCE


def hold_out(model: Path) -> None:
    """Keep in held-out.json what each task's dev rows give at points that its labels had no part in, and the means.

    The others' calibration rows tell what exits lose and at which price a lost point is avoided (`joint_choices` of
    them alone); its temperatures are the geometric means of theirs. Its own calibration rows are looked at for their
    confidences.
    """
    manifest = read_manifest(model)
    exits = {task.key: read_calibrated(model, manifest, task, "calibration")[1] for task in tasks_of(manifest)}
    found = {task.key: _held_out(model, manifest, task.key, exits) for task in tasks_of(manifest)}
    layers = manifest["layers"]
    tasks = {
        key: {
            "plan": {"mobileLayers": plan.mobile_layers, "edgeLayers": plan.edge_layers},
            **summary([rows], layers),
        }
        for key, (plan, rows) in found.items()
    }
    means = summary([rows for _, rows in found.values()], layers)
    write_measured(model, HELD_OUT, {"modelHash": manifest["hash"], **means, "tasks": tasks})


def _held_out(model: Path, manifest: Manifest, key: str, exits: Mapping[str, Exits]) -> tuple[Plan, TaskRows]:
    others = {task: own for task, own in exits.items() if task != key}
    plans = own_plans(manifest["layers"])
    price = cheapest_within(joint_choices(others, plans), *JOINT_ALLOWANCE).price
    temperatures = np.exp(np.mean([np.log(manifest["tasks"][task]["temperatures"]) for task in others], axis=0))
    (task,) = (task for task in tasks_of(manifest) if task.key == key)

    def at_shared_temperatures(split: str) -> Exits:
        trace = read_trace(model, manifest, task, split)
        logits = trace.logits.astype(np.float32)
        return exits_of(softmax(logits, temperatures[:, np.newaxis]), trace.gold.astype(int))

    unlabelled = at_shared_temperatures("calibration").confidence
    point = point_of_unseen(PooledLosses(others, unseen=key), key, unlabelled, plans, price)
    reported = at_shared_temperatures("dev")
    return point.plan, task_rows(reported, point.exits(reported.confidence), point.plan)
