"""The numbers that stand for the whole: means over tasks with their intervals, and what they are worth.

Everything is counted on dev at points that calibration rows chose. An interval is of dev's rows alone, given those
points; what other calibration rows would have chosen is `resplit`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.calibration.cascade import COSTS, Exits, Plan
from training.report.comparators import correct_at_cost
from training.report.intervals import mean_interval

# Tasks with more dev rows than this are told apart: a row of the others is a quarter of a point and more.
_LARGE = 800


@dataclass(frozen=True)
class TaskRows:
    """What a cascade does to a task's rows: `lost` and `gained` [rows] in points, and means over rows.

    `lost`: to the last exit. `gained`: on a static cut of the same mean cost. `on_mobile`: layers run there.
    """

    lost: np.ndarray
    gained: np.ndarray
    accuracy: float
    cost: float
    on_mobile: float


def task_rows(exits: Exits, layers: np.ndarray, plan: Plan, last: np.ndarray | None = None) -> TaskRows:
    """Return it for rows that leave at `layers` [rows], 1-based.

    `last` [rows] bool: whether a row that goes whole to the cloud is right, where that is not the last of `exits`.
    """
    right = exits.correct_at(layers).astype(float)
    cost = float(COSTS.of_exits(layers, plan).mean())
    return TaskRows(
        ((exits.correct[:, -1] if last is None else last) - right) * 100,
        (right - correct_at_cost(exits, cost)) * 100,
        float(right.mean()),
        cost,
        float(np.minimum(layers, plan.mobile_layers).mean()),
    )


def headline(tasks: Mapping[str, TaskRows], layers: int) -> dict[str, Any]:
    """Return the report's `headline`; `layers`: of the model."""
    large = {key: rows for key, rows in tasks.items() if len(rows.lost) > _LARGE}
    gain = [rows.gained for rows in tasks.values()]
    return {
        **summary(list(tasks.values()), layers),
        "meanAccuracyPercent": round(float(np.mean([rows.accuracy for rows in tasks.values()])) * 100, 2),
        **({"largeTasks": {"tasks": list(large), **summary(list(large.values()), layers)}} if large else {}),
        "gainOverStaticPoints": _mean(gain),
        "gainOverStaticInterval95": _rounded(mean_interval(gain)),
        "gainOverStaticByTask": {key: _mean([rows.gained]) for key, rows in tasks.items()},
        "breakEvenDevicePrice": round(break_even_price(list(tasks.values()), layers), 2),
    }


def summary(tasks: Sequence[TaskRows], layers: int) -> dict[str, Any]:
    """Return the mean cost cut, the mean loss and the interval of that."""
    cost = np.mean([rows.cost for rows in tasks])
    lost = [rows.lost for rows in tasks]
    return {
        "meanCostCutPercent": round(float(1 - cost / COSTS.all_cloud(layers)) * 100, 2),
        "meanAccuracyLossPoints": _mean(lost),
        "lossInterval95": _rounded(mean_interval(lost)),
    }


def break_even_price(tasks: Sequence[TaskRows], layers: int) -> float:
    """Return how many layers on the cloud one on the device may cost before nothing is saved on the mean.

    At the same points: dearer devices would choose others.
    """
    on_mobile = float(np.mean([rows.on_mobile for rows in tasks]))
    elsewhere = float(np.mean([rows.cost for rows in tasks])) - on_mobile
    return (COSTS.all_cloud(layers) - elsewhere) / on_mobile


def _mean(tasks: Sequence[np.ndarray]) -> float:
    return round(float(np.mean([rows.mean() for rows in tasks])), 2)


def _rounded(interval: tuple[float, float]) -> list[float]:
    return [round(end, 2) for end in interval]
