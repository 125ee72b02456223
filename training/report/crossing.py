"""Judge payloads on the rows that cross: the unsure ones, whose answers a rounded hidden state turns most easily.

At the report's points, each task's dev rows that do not leave on the mobile tier are run on from its last layer, once
from the hidden state as it is and once as a payload carries it, and leave where those points let them. What counts is
the answer that they get.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.calibration.calibrated import read_calibrated
from training.calibration.cascade import Plan
from training.calibration.probabilities import softmax
from training.calibration.thresholds import OperatingPoint
from training.data.files import read_json
from training.data.rows import read_rows
from training.data.tasks import Task, class_slices
from training.data.tokenise import encode, load_tokenizer
from training.export.exported import load_exported
from training.export.manifest import read_manifest
from training.export.measured import CROSSING, keep_measured
from training.model.reference import ReferenceModel
from training.payload.captured import CapturedBatch, TaskRow, capture, later_states
from training.payload.codecs import payloads_after
from training.payload.label_agreement import Reconstruction

# Points in report.json that are judged.
_POINTS = ("frontier", "defaultPlan")


def judge_crossing(model: Path, data: Path, tasks: list[Task], measured_rows: int) -> None:
    """Keep in crossing.json, by points and task, how many of the rows that cross keep their answer, and what is lost.

    On the first `measured_rows` of them in dev's order. Raises KeyError where training.report has not been run.
    """
    manifest = read_manifest(model)
    report = read_json(model / "report.json")
    reference = load_exported(model, manifest).requires_grad_(False)
    tokenizer = load_tokenizer(model / manifest["tokenizer"]["path"], manifest["maxTokens"])
    for name in _POINTS:
        for task in tasks:
            found = report[name]["tasks"][task.key]
            point = OperatingPoint(Plan(*found["plan"].values()), tuple(found["thresholds"]))
            _, exits = read_calibrated(model, manifest, task, "dev")
            across = np.flatnonzero(point.exits(exits.confidence) > point.plan.mobile_layers)[:measured_rows]
            dev = read_rows(data, task, "dev")
            rows = [dev[row] for row in across]
            if not rows:
                continue
            encoded = [TaskRow(task.key, row) for row in encode(tokenizer, [row.texts for row in rows])]
            gold = np.array([row.gold for row in rows])
            climb = _Climb(reference, task, point, np.array(manifest["tasks"][task.key]["temperatures"]))
            entry = climb.judged(encoded, gold, payloads_after(model, manifest, point.plan.mobile_layers))
            keep_measured(model, CROSSING, {f"{name}.{task.key}": {"after": point.plan.mobile_layers, **entry}})
            print(f"{name:12} {task.name:6} {len(rows)} rows", *entry["keptPercent"].items(), flush=True)


class _Climb:
    """Runs rows of a task on from the mobile tier's last layer and lets them leave."""

    def __init__(self, model: ReferenceModel, task: Task, point: OperatingPoint, temperatures: np.ndarray) -> None:
        self._model, self._point = model, point
        self._own = slice(*class_slices(model.tasks)[task.key])
        self._temperatures = temperatures

    @torch.inference_mode()
    def judged(self, rows: list[TaskRow], gold: np.ndarray, payloads: Mapping[str, Reconstruction]) -> dict[str, Any]:
        """Return how many rows there are, and by payload the percent that keep their answer and the points lost."""
        layer = self._point.plan.mobile_layers
        order = np.argsort([len(row.encoded.input_ids) for row in rows], kind="stable")
        batches = capture(self._model, rows, [layer])
        plain = np.concatenate([self._answers(batch, lambda state: state) for batch in batches])
        right = plain == gold[order]
        kept, lost = {}, {}
        for name, reconstruct in payloads.items():
            answers = np.concatenate([self._answers(batch, reconstruct) for batch in batches])
            kept[name] = round(float((answers == plain).mean()) * 100, 2)
            lost[name] = round(float((right.astype(float) - (answers == gold[order])).mean()) * 100, 2)
        return {"rows": len(rows), "keptPercent": kept, "lostPoints": lost}

    def _answers(self, batch: CapturedBatch, reconstruct: Reconstruction) -> np.ndarray:
        """The labels [batch] that rows get which go on from a hidden state of which this was made."""
        plan = self._point.plan
        states = batch.states[plan.mobile_layers].float()
        for row, length in zip(states, batch.mask.sum(1).tolist(), strict=True):
            row[:length] = reconstruct(row[:length])
        later = later_states(self._model, states, batch.mask, plan.mobile_layers)
        ramps = self._model.exit_ramps[plan.mobile_layers :]
        logits = torch.stack([ramp(state, batch.mask) for ramp, state in zip(ramps, later, strict=True)], dim=1)
        own = logits[:, :, self._own].numpy()
        confidence = softmax(own, self._temperatures[plan.mobile_layers :, np.newaxis]).max(axis=2)
        thresholds = self._point.thresholds[plan.mobile_layers :]
        leaving = OperatingPoint(Plan(0, len(thresholds)), thresholds).exits(confidence)
        return own[np.arange(len(own)), leaving - 1].argmax(axis=1)
