"""Report what the model does on dev, with everything chosen on the calibration split: report.json and the model card.

Reads the model folder alone: manifest, traces, policies/, and the measurements that slow commands left there.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training.calibration.calibrated import read_calibrated
from training.calibration.cascade import Exits, Plan, exits_of
from training.calibration.plans import default_plan, fixed_plan, own_plans
from training.calibration.policy_data import read_policy_data
from training.calibration.probabilities import CalibrationError, auroc, calibration_error, softmax
from training.calibration.thresholds import (
    JointChoice,
    OperatingPoint,
    cheapest_within,
    joint_choices,
    static_choices,
    static_point,
)
from training.data.files import write_json
from training.data.tasks import Task
from training.export.manifest import Manifest, read_manifest, tasks_of
from training.export.measured import (
    CROSSING,
    HELD_OUT,
    PAYLOADS,
    QUANTISATION,
    RESPLIT,
    SHIPPED,
    STUDENT,
    read_measured,
    read_measured_of,
)
from training.model.provenance import read_provenance
from training.report.comparators import cascade_result, comparators
from training.report.headline import TaskRows, headline, summary, task_rows
from training.report.intervals import loss_interval, mean_interval
from training.report.metrics import EXTRA_METRICS, bootstrap_interval
from training.report.model_card import write_model_card
from training.report.resplit import expected
from training.report.rule import ALLOWED_POINTS, JOINT_ALLOWANCE
from training.report.shipped import shipped_summary

REPORT_FILE = "report.json"
SPLIT = "dev"
# What the report shows beside the rule's allowances: the same times these.
_MORE_AND_LESS = (0.0, 0.5, 1.0, 2.0, 4.0)
# Names in the report of what there is to say of an exit's calibration.
_CALIBRATION = {"ece": "plain", "eceDebiased": "debiased", "eceOfPerfect": "of_perfect", "confidenceGap": "signed"}
# The abstract of arXiv 2410.05338, over GLUE, against running everything in the cloud.
_CLAIM = {
    "costCutPercent": 43,
    "accuracyLossPoints": 0.3,
    "source": "arXiv 2410.05338, abstract: over 43 %, under 0.3 %",
    "notComparable": (
        "another and larger encoder, other prices of layers and crossings, and rows and thresholds that the abstract "
        "does not name; at the prices here a static cut alone saves more"
    ),
}


def report(model: Path) -> dict[str, Any]:
    """Write report.json and README.md (the model card) into the model folder; return the report.

    Raises ValueError for a task without dev trace or policy data.
    """
    manifest = read_manifest(model)
    evidence = {task: _Evidence(model, manifest, task) for task in tasks_of(manifest)}
    layers = manifest["layers"]
    calibration = {task.key: read_calibrated(model, manifest, task, "calibration")[1] for task in evidence}
    path = joint_choices(calibration, own_plans(layers))
    own = cheapest_within(path, *JOINT_ALLOWANCE)
    frontier = _frontier(evidence, _points(own))
    content: dict[str, Any] = {
        "model": manifest["id"],
        "modelHash": manifest["hash"],
        "variant": "fp16",
        "command": f"python -m training.report --model public/models/{manifest['id']}",
        "split": "dev; temperatures, plans and thresholds were chosen on the calibration split of train",
        "claim": _CLAIM,
        "headline": _headline(model, manifest, evidence, _points(own)),
        "frontier": {
            **frontier,
            "allowedLossPoints": _allowance(1.0),
            "crossFittedOnCalibration": _foretold(own, layers),
        },
        "staticCut": _static_cut(evidence, calibration, layers),
        "path": [_on_path(evidence, path, factor, layers) for factor in _MORE_AND_LESS],
        "fixedPlan": _frontier(
            evidence, {task.key: found.point(fixed_plan(layers)) for task, found in evidence.items()}
        ),
        "defaultPlan": _frontier(
            evidence, {task.key: found.point(default_plan(layers)) for task, found in evidence.items()}
        ),
        "tasks": {task.key: found.exit_table() for task, found in evidence.items()},
    }
    if held_out := read_measured_of(model, HELD_OUT, manifest["hash"]):
        content["heldOut"] = held_out
    if student := read_measured_of(model, STUDENT, manifest["hash"]):
        content["student"] = student
    if quantisation := read_measured(model, QUANTISATION):
        content["quantisation"] = quantisation
    if payloads := read_measured(model, PAYLOADS).get(SPLIT):
        content["payloads"] = payloads
    if crossing := read_measured(model, CROSSING):
        content["crossing"] = crossing
    write_json(model / REPORT_FILE, content)
    write_model_card(model, manifest, read_provenance(model), content)
    return content


class _Evidence:
    """One task's calibrated dev exits."""

    def __init__(self, model: Path, manifest: Manifest, task: Task) -> None:
        entry = manifest["tasks"][task.key]
        policy_data = read_policy_data(model, manifest, task)
        if policy_data is None or SPLIT not in entry["traces"]:
            raise ValueError(
                f"expected {task.name} to be calibrated and traced; run training.calibrate and .trace first"
            )
        self._task = task
        self._policy_data = policy_data
        self.trace, self.exits = read_calibrated(model, manifest, task, SPLIT)
        self._logits = self.trace.logits.astype(np.float32)
        self.gold = self.trace.gold.astype(int)

    def point(self, plan: Plan) -> OperatingPoint:
        """Return the thresholds chosen for a plan on this task alone."""
        for entry in self._policy_data["operatingPoints"]:
            found = Plan(entry["plan"]["mobileLayers"], entry["plan"]["edgeLayers"])
            if found == plan and entry["allowedLossPoints"] == ALLOWED_POINTS:
                return OperatingPoint.of_tiers(found, entry["mobile"], entry["edge"])
        raise ValueError(f"expected {self._task.name} to have thresholds for {plan}; calibrate again")

    def rows(self, point: OperatingPoint) -> TaskRows:
        """Return what an operating point does to every row."""
        return task_rows(self.exits, point.exits(self.exits.confidence), point.plan)

    def at(self, point: OperatingPoint) -> dict[str, Any]:
        """Return what an operating point gives, with intervals, and the comparators beside it."""
        layers = point.exits(self.exits.confidence)
        rows = self.rows(point)
        interval, method = loss_interval(rows.lost)
        distances = {"dimeePools": self.trace.pool_distances, "dimecDcPools": self.trace.dynamics_distances}
        beside = comparators(self.exits, layers, point.plan, distances, default_plan(self.exits.layers))
        return {
            "plan": {"mobileLayers": point.plan.mobile_layers, "edgeLayers": point.plan.edge_layers},
            "thresholds": list(point.thresholds),
            **_expected_losses(point),
            **cascade_result(self.exits, layers, point.plan).as_json(self.exits),
            "accuracyLossInterval95": _rounded(interval),
            "intervalMethod": method,
            "rowsWorse": int((rows.lost > 0).sum()),
            "rowsBetter": int((rows.lost < 0).sum()),
            "gainOverStaticPoints": round(float(rows.gained.mean()), 2),
            "gainOverStaticInterval95": _rounded(mean_interval([rows.gained])),
            **self._task_metric(layers),
            "lastExitAccuracyPercent": round(float(self.exits.correct[:, -1].mean()) * 100, 2),
            "tierShares": _tier_shares(layers, point.plan),
            "beside": {name: result.as_json(self.exits) for name, result in beside.items()},
        }

    def _task_metric(self, layers: np.ndarray) -> dict[str, float]:
        """GLUE's own measure where rows leave at `layers` [rows], and at the last exit, in percent."""
        if self._task.metric not in EXTRA_METRICS:
            return {}
        name, metric = EXTRA_METRICS[self._task.metric]
        labels = self._logits.argmax(axis=2)
        found = metric(self.gold, labels[np.arange(len(labels)), layers - 1]), metric(self.gold, labels[:, -1])
        own, last = (round(float(value) * 100, 2) for value in found)
        return {f"{name}Percent": own, f"lastExit{name[0].upper()}{name[1:]}Percent": last}

    def exit_table(self) -> dict[str, Any]:
        """Return every exit's accuracy with its interval, the task's other metric, calibration, and AUROC."""
        raw = exits_of(softmax(self._logits), self.gold)
        columns, errors = range(self.exits.layers), _errors(self.exits)
        labels = self._logits.argmax(axis=2)
        table = {
            "rows": len(self.gold),
            "accuracyPercent": _percent(self.exits.correct.mean(axis=0)),
            "accuracyInterval95": [
                _percent(np.array(bootstrap_interval(self.exits.correct[:, layer]))) for layer in columns
            ],
            "eceBefore": [round(error.plain, 4) for error in _errors(raw)],
            **{name: [round(getattr(error, of), 4) for error in errors] for name, of in _CALIBRATION.items()},
            "auroc": [_auroc(self.exits, layer) for layer in columns],
        }
        if self._task.metric in EXTRA_METRICS:
            name, metric = EXTRA_METRICS[self._task.metric]
            table[name] = [round(float(metric(self.gold, labels[:, layer])), 4) for layer in columns]
        return table


def _expected_losses(point: OperatingPoint) -> dict[str, Any]:
    """The limits that thresholds follow from, in points as the policy `expected-loss` takes them: 0 if none leave."""
    if point.limits is None:
        return {}
    mobile, edge = (round(max(limit, 0.0) * 100, 2) for limit in point.limits)
    return {"expectedLossPoints": {"mobile": mobile, "edge": edge}}


def _headline(
    model: Path, manifest: Manifest, evidence: Mapping[Task, "_Evidence"], points: Mapping[str, OperatingPoint]
) -> dict[str, Any]:
    """The headline at these points, with what slow commands have measured of the same weights."""
    layers = manifest["layers"]
    found = headline({task.key: own.rows(points[task.key]) for task, own in evidence.items()}, layers)
    if resplit := read_measured_of(model, RESPLIT, manifest["hash"]):
        found["expected"] = expected(resplit)
    if shipped := read_measured(model, SHIPPED):
        found["shipped"] = {
            "variant": shipped["variant"],
            "payload": shipped["payload"],
            **shipped_summary(model, manifest, shipped, points),
        }
    return found


def _static_cut(evidence: Mapping[Task, "_Evidence"], calibration: Mapping[str, Exits], layers: int) -> dict[str, Any]:
    """What a static cut gives: of each task the layer that the same rule chooses, and every layer for all tasks."""
    chosen = _points(cheapest_within(static_choices(calibration), *JOINT_ALLOWANCE))

    def at(points: Mapping[str, OperatingPoint]) -> dict[str, Any]:
        return summary([own.rows(points[task.key]) for task, own in evidence.items()], layers)

    return {
        "chosen": {**at(chosen), "layers": {key: point.plan.mobile_layers for key, point in chosen.items()}},
        "byLayer": [at(dict.fromkeys(chosen, static_point(layer))) for layer in range(1, layers + 1)],
    }


def _points(choice: JointChoice) -> dict[str, OperatingPoint]:
    return {task: own.point for task, own in choice.choices.items()}


def _foretold(choice: JointChoice, layers: int) -> dict[str, float]:
    """What the calibration split foretells: means over tasks, each row's threshold chosen without it."""
    loss = float(np.mean(choice.foretold_losses))
    return {
        "meanCostCutPercent": round(choice.foretold_cut(layers), 2),
        "meanAccuracyLossPoints": round(loss, 2),
        "largestAccuracyLossPoints": round(max(choice.foretold_losses), 2),
    }


def _allowance(factor: float) -> dict[str, float]:
    mean, on_a_task = (factor * allowed for allowed in JOINT_ALLOWANCE)
    return {"mean": round(mean, 3), "onATask": round(on_a_task, 3)}


def _on_path(
    evidence: Mapping[Task, "_Evidence"], path: Sequence[JointChoice], factor: float, layers: int
) -> dict[str, Any]:
    """What the choice within so many times the allowance foretells, and what it gives."""
    allowed = _allowance(factor)
    choice = cheapest_within(path, allowed["mean"], allowed["onATask"])
    found = _frontier(evidence, _points(choice))
    fields = ("meanCostCutPercent", "meanAccuracyLossPoints", "largestAccuracyLossPoints")
    return {
        "allowedLossPoints": allowed,
        "crossFittedOnCalibration": _foretold(choice, layers),
        **{field: found[field] for field in fields},
    }


def _frontier(evidence: dict[Task, _Evidence], points: Mapping[str, OperatingPoint]) -> dict[str, Any]:
    """All tasks at these points, and the means over tasks."""
    tasks = {task.key: found.at(points[task.key]) for task, found in evidence.items()}

    def mean(field: str, name: str | None = None) -> float:
        values = [(entry["beside"][name] if name else entry)[field] for entry in tasks.values()]
        return round(float(np.mean(values)), 2)

    fields = ("costCutPercent", "accuracyLossPoints", "layersSavedPercent")
    names = sorted(set.intersection(*(set(entry["beside"]) for entry in tasks.values())))
    return {
        "meanCostCutPercent": mean("costCutPercent"),
        "meanAccuracyLossPoints": mean("accuracyLossPoints"),
        "meanLayersSavedPercent": mean("layersSavedPercent"),
        "largestAccuracyLossPoints": max(entry["accuracyLossPoints"] for entry in tasks.values()),
        "meanBeside": {name: {field: mean(field, name) for field in fields} for name in names},
        "tasks": tasks,
    }


def _tier_shares(layers: np.ndarray, plan: Plan) -> dict[str, float]:
    mobile = float((layers <= plan.mobile_layers).mean())
    edge = float((layers <= plan.edge_layers).mean()) - mobile
    return {"mobile": round(mobile, 4), "edge": round(edge, 4), "cloud": round(1 - mobile - edge, 4)}


def _errors(exits: Exits) -> list[CalibrationError]:
    """One an exit."""
    return [calibration_error(exits.confidence[:, layer], exits.correct[:, layer]) for layer in range(exits.layers)]


def _auroc(exits: Exits, layer: int) -> float | None:
    value = auroc(exits.confidence[:, layer], exits.correct[:, layer])
    return None if value is None else round(value, 4)


def _percent(values: np.ndarray) -> list[float]:
    return np.round(values * 100, 2).tolist()


def _rounded(values: tuple[float, float]) -> list[float]:
    return [round(value, 2) for value in values]
