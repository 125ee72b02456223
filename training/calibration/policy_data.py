"""policies/<task>.json: what policies need beside logits and temperatures, all fitted on the calibration split."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from training.calibration.cascade import COSTS, exits_of
from training.calibration.learned_exit import FEATURES, exit_features, fit_learned_exit
from training.calibration.plans import default_plan, fixed_plan
from training.calibration.pools import Pools
from training.calibration.thresholds import Choice, choose_points
from training.data.files import read_json, write_whole
from training.data.tasks import Task
from training.export.manifest import Manifest, file_entry

FORMAT = 1
ALLOWED_POINTS = (0.0, 0.3, 1.0)
_QUANTILES = np.linspace(0, 1, 21)


def policy_data(task: Task, probabilities: np.ndarray, gold: np.ndarray, pools: dict[str, Pools]) -> dict[str, Any]:
    """Return the file's content.

    `probabilities` [rows, layers, classes] calibrated, `gold` [rows] label ids.
    operatingPoints: for the default and the fixed plan, thresholds that lose at most 0, 0.3 and 1 point
    (`choose_points`). pools: centroids. learnedExit: weights (`learned_exit`). quantiles: each exit's confidence at
    0, 5, … 100 % of the rows. errorRates: one an exit. (expectedLosses come with `training.calibrate`, once all tasks
    are there.)
    """
    exits = exits_of(probabilities, gold)
    layers = exits.layers
    points = [
        _operating_point(choice, allowed, layers)
        for plan in dict.fromkeys((default_plan(layers), fixed_plan(layers)))
        for allowed, choice in zip(ALLOWED_POINTS, choose_points(exits, plan, ALLOWED_POINTS), strict=True)
    ]
    return {
        "format": FORMAT,
        "task": task.key,
        "rows": len(gold),
        "operatingPoints": points,
        "pools": {
            name: {"centroids": _rounded(found.centroids, 5), "shares": _rounded(found.shares, 4)}
            for name, found in pools.items()
        },
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
    write_whole(model / path, json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n")
    manifest["tasks"][task.key]["policyData"] = file_entry(model, path)


def read_policy_data(model: Path, manifest: Manifest, task: Task) -> dict[str, Any] | None:
    """Read a task's file; None where the model is not calibrated."""
    entry = manifest["tasks"][task.key].get("policyData")
    return read_json(model / entry["path"]) if entry else None


def read_pools(content: dict[str, Any] | None) -> dict[str, Pools]:
    """Return the pools in a file's content, keyed "dimee" and "dimecDc"; none where there is no file."""
    found = content["pools"] if content else {}
    return {
        name: Pools(np.array(entry["centroids"], np.float32), np.array(entry["shares"]))
        for name, entry in found.items()
    }


def _operating_point(choice: Choice, allowed: float, layers: int) -> dict[str, Any]:
    point, predicted = choice.point, choice.predicted
    return {
        "plan": {"mobileLayers": point.plan.mobile_layers, "edgeLayers": point.plan.edge_layers},
        "allowedLossPoints": allowed,
        "mobile": point.thresholds[0],
        "edge": point.thresholds[-1],
        "costCutPercent": round((1 - predicted.mean_cost / COSTS.all_cloud(layers)) * 100, 2),
        "lossPoints": round(predicted.loss_points, 2),
    }


def _rounded(values: np.ndarray, digits: int) -> list:
    return np.round(values.astype(np.float64), digits).tolist()
