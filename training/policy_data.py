"""policies/<task>.json: what policies need beside logits and temperatures, all fitted on the calibration split."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from training.cascade import COSTS, Plan, exits_of
from training.files import write_whole
from training.learned_exit import FEATURES, exit_features, fit_learned_exit
from training.manifest import Manifest, file_entry
from training.pools import Pools
from training.tasks import Task
from training.thresholds import Choice, choose_points

FORMAT = 1
DEFAULT_PLAN = Plan(4, 8)
FIXED_PLAN = Plan(3, 6)
# m ≤ 6 and n ≤ 9, of which a task's own best is chosen.
PLANS = tuple(Plan(mobile, edge) for mobile in range(1, 7) for edge in range(mobile + 1, 10))
ALLOWED_POINTS = (0.0, 0.3, 1.0)
_QUANTILES = np.linspace(0, 1, 21)


def own_plans(layers: int) -> list[Plan]:
    """Return the plans of which a task's own is chosen, cut to a model of so many layers."""
    return sorted({plan.within(layers) for plan in PLANS})


def policy_data(
    task: Task, probabilities: np.ndarray, gold: np.ndarray, embedding: np.ndarray, pools: dict[str, Pools]
) -> dict[str, Any]:
    """Return the file's content.

    `probabilities` [rows, layers, classes] calibrated, `gold` [rows] label ids, `embedding` [rows, hidden].
    operatingPoints: for the page's default plan, 3/6, and the task's own best plan, thresholds that lose at most 0, 0.3
    and 1 point (`choose_points`). pools: centroids. prototypes: the mean embedding of each class. learnedExit: weights
    (`learned_exit`). quantiles: each exit's confidence at 0, 5, … 100 % of the rows. errorRates: one an exit. (expectedLosses come
    with `training.calibrate`, once all tasks are there.)
    """
    exits = exits_of(probabilities, gold)
    layers = exits.layers
    own = own_plans(layers)
    points = [
        _operating_point(choice, allowed, layers, plans is own)
        for plans in ([DEFAULT_PLAN.within(layers)], [FIXED_PLAN.within(layers)], own)
        for allowed, choice in zip(ALLOWED_POINTS, choose_points(exits, plans, ALLOWED_POINTS), strict=True)
    ]
    classes = [embedding[gold == label] for label in range(probabilities.shape[2])]
    return {
        "format": FORMAT,
        "task": task.key,
        "rows": len(gold),
        "operatingPoints": points,
        "pools": {
            name: {"centroids": _rounded(found.centroids, 5), "shares": _rounded(found.shares, 4)}
            for name, found in pools.items()
        },
        "prototypes": [_rounded((part if len(part) else embedding).mean(axis=0), 5) for part in classes],
        "learnedExit": {
            "features": list(FEATURES),
            "weights": _rounded(fit_learned_exit(exit_features(probabilities), exits.correct), 5),
        },
        "quantiles": _rounded(np.quantile(exits.confidence, _QUANTILES, axis=0).T, 6),
        "errorRates": _rounded(1 - exits.correct.mean(axis=0), 5),
    }


def write_policy_data(model: Path, manifest: Manifest, task: Task, content: dict[str, Any]) -> None:
    """Write the file and list it in the manifest."""
    path = f"policies/{task.key}.json"
    (model / "policies").mkdir(exist_ok=True)
    text = json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n"
    write_whole(model / path, lambda unfinished: unfinished.write_text(text, encoding="utf-8"))
    manifest["tasks"][task.key]["policyData"] = file_entry(model, path)


def read_policy_data(model: Path, manifest: Manifest, task: Task) -> dict[str, Any] | None:
    """Read a task's file; None where the model is not calibrated."""
    entry = manifest["tasks"][task.key].get("policyData")
    return json.loads((model / entry["path"]).read_text(encoding="utf-8")) if entry else None


def read_pools(content: dict[str, Any] | None) -> dict[str, Pools]:
    """Return the pools in a file's content, keyed "dimee" and "dimecDc"; none where there is no file."""
    found = content["pools"] if content else {}
    return {
        name: Pools(np.array(entry["centroids"], np.float32), np.array(entry["shares"]))
        for name, entry in found.items()
    }


def _operating_point(choice: Choice, allowed: float, layers: int, own_plan: bool) -> dict[str, Any]:
    point, predicted = choice.point, choice.predicted
    return {
        "plan": {"mobileLayers": point.plan.mobile_layers, "edgeLayers": point.plan.edge_layers},
        "ownPlan": own_plan,
        "allowedLossPoints": allowed,
        "mobile": point.thresholds[0],
        "edge": point.thresholds[-1],
        "costCutPercent": round((1 - predicted.mean_cost / COSTS.all_cloud(layers)) * 100, 2),
        "lossPoints": round(predicted.loss_points, 2),
    }


def _rounded(values: np.ndarray, digits: int) -> list:
    return np.round(values.astype(np.float64), digits).tolist()
