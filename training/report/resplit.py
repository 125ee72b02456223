"""What the rule that chooses plans and thresholds gives on other calibration rows: fresh divisions of all rows.

Calibration and dev rows of a task are pooled, drawn anew into a calibration part of the size it had and a rest, and all
is done again on that part alone: temperatures, expected losses, plans, thresholds. The rest is what it is counted on.
"""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from training.calibration.calibrate import fit_temperatures
from training.calibration.calibrated import read_trace
from training.calibration.cascade import COSTS, Exits, exits_of
from training.calibration.plans import own_plans
from training.calibration.probabilities import softmax
from training.calibration.thresholds import cheapest_within, joint_choices
from training.export.manifest import read_manifest, tasks_of
from training.export.measured import RESPLIT, write_measured
from training.report.headline import task_rows
from training.report.rule import JOINT_ALLOWANCE

_SEED = 2410

# A task's raw logits [rows, layers, classes], gold labels [rows], and how many of the rows calibrate.
_Pool = tuple[np.ndarray, np.ndarray, int]


def resplit(model: Path, divisions: int) -> None:
    """Keep in resplit.json what each of so many divisions gives; the report reads it."""
    manifest = read_manifest(model)
    pools = {}
    for task in tasks_of(manifest):
        own, reported = (read_trace(model, manifest, task, split) for split in ("calibration", "dev"))
        logits, gold = (
            np.concatenate([getattr(trace, column) for trace in (own, reported)]) for column in ("logits", "gold")
        )
        pools[task.key] = (logits.astype(np.float32), gold.astype(int), len(own.gold))
    found = []
    for division in range(divisions):
        found.append(_division(pools, np.random.default_rng(_SEED + division), manifest["layers"]))
        cut, lost, gained = found[-1]
        now = time.strftime("%H:%M:%S")
        print(
            f"{now} division {division + 1}: {cut:.2f} % at {lost:.2f}, gain {gained:.2f}", file=sys.stderr, flush=True
        )
    cuts, losses, gains = (np.round(column, 4).tolist() for column in zip(*found, strict=True))
    kept = {"costCutPercent": cuts, "accuracyLossPoints": losses, "gainOverStaticPoints": gains}
    write_measured(model, RESPLIT, {"modelHash": manifest["hash"], "divisions": kept})


def expected(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the report's `headline.expected` from what was kept."""
    cuts, losses, gains = (np.array(column) for column in kept["divisions"].values())
    return {
        "meanCostCutPercent": round(float(cuts.mean()), 2),
        "sdCostCutPercent": round(float(cuts.std(ddof=1)), 2),
        "meanAccuracyLossPoints": round(float(losses.mean()), 2),
        "sdAccuracyLossPoints": round(float(losses.std(ddof=1)), 2),
        "gainOverStaticPoints": round(float(gains.mean()), 2),
        "sdGainOverStaticPoints": round(float(gains.std(ddof=1)), 2),
        "costCutRangePercent": [round(float(cuts.min()), 2), round(float(cuts.max()), 2)],
        "divisions": len(cuts),
        "divisionsWithinClaimedLoss": int((losses < 0.3).sum()),
    }


def _division(pools: Mapping[str, _Pool], random: np.random.Generator, layers: int) -> tuple[float, float, float]:
    """Mean cost cut in percent, mean loss and mean gain over a static cut in points, on the rest."""
    chosen_on, counted_on = {}, {}
    for task, (logits, gold, size) in pools.items():
        order = random.permutation(len(gold))
        exits = _calibrated(logits, gold, order[:size])
        chosen_on[task], counted_on[task] = exits.part(order[:size]), exits.part(order[size:])
    choice = cheapest_within(joint_choices(chosen_on, own_plans(layers)), *JOINT_ALLOWANCE)
    rows = []
    for task, exits in counted_on.items():
        point = choice.choices[task].point
        rows.append(task_rows(exits, point.exits(exits.confidence), point.plan))
    cut, lost, gained = np.mean([(each.cost, each.lost.mean(), each.gained.mean()) for each in rows], axis=0)
    return float(1 - cut / COSTS.all_cloud(layers)) * 100, float(lost), float(gained)


def _calibrated(logits: np.ndarray, gold: np.ndarray, rows: np.ndarray) -> Exits:
    """The exits of all rows at temperatures fitted to some."""
    temperatures = np.array(fit_temperatures(logits[rows], gold[rows]))[:, np.newaxis]
    return exits_of(softmax(logits, temperatures), gold)
