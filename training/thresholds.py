"""A plan and two thresholds for a cascade: the cheapest whose expected loss of accuracy is small enough."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.cascade import COSTS, Exits, Plan, exit_layers, first_reaching
from training.logistic import fit_logistic, predict_logistic

# Steps of the page's sliders where they matter, coarser below; a threshold of 1 is never reached.
_GRID = np.round(np.concatenate([np.arange(1.0, 0.8, -0.005), np.arange(0.8, 0.33, -0.02)]), 3)
_FOLDS = 5
_SEED = 2410
_SMALLEST = 1e-4


@dataclass(frozen=True)
class OperatingPoint:
    """A plan with its two confidence thresholds."""

    plan: Plan
    mobile: float
    edge: float

    def exits(self, confidence: np.ndarray) -> np.ndarray:
        """Return the layer (1-based) at which each row of confidences [rows, layers] leaves."""
        return exit_layers(confidence, self.plan, self.mobile, self.edge)


@dataclass(frozen=True)
class Outcome:
    """What an operating point gives on some rows: the mean cost, and the points of accuracy lost to the last exit."""

    mean_cost: float
    loss_points: float


@dataclass(frozen=True)
class Choice:
    """A chosen operating point, what it gives on the rows it was chosen on, and what the cross-fit gives on others."""

    point: OperatingPoint
    chosen_on: Outcome
    predicted: Outcome


def measure(point: OperatingPoint, exits: Exits) -> Outcome:
    """Measure an operating point on some rows."""
    layers = point.exits(exits.confidence)
    lost = exits.correct[:, -1].astype(float) - exits.correct_at(layers)
    return Outcome(float(COSTS.of_exits(layers, point.plan).mean()), float(lost.mean() * 100))


def choose_points(exits: Exits, plans: Sequence[Plan], allowed_points: Sequence[float]) -> list[Choice]:
    """Return, for each allowance, the cheapest operating point over these plans expected to lose no more points.

    Counting losses on a few hundred rows overfits: the pair that seems to lose 0.3 points there loses several on
    others. So each row's loss at an exit is taken as what its confidence predicts (`expected_losses`: two numbers an
    exit are fitted instead of a count believed). `predicted` is cross-fitted: in 5 folds, fitted and chosen without the
    fold, counted on it. (1, 1) sends all to the cloud and loses nothing, so an answer always exists.
    """
    rows = len(exits.correct)
    everything = np.arange(rows)
    chosen = _cheapest(exits, plans, allowed_points)
    folds = np.array_split(np.random.default_rng(_SEED).permutation(rows), min(_FOLDS, rows))
    held_out = [_cheapest(exits.part(np.setdiff1d(everything, fold)), plans, allowed_points) for fold in folds]
    choices = []
    for index, point in enumerate(chosen):
        parts = [measure(points[index], exits.part(fold)) for points, fold in zip(held_out, folds, strict=True)]
        sizes = [len(fold) for fold in folds]
        cost, loss = np.average([(part.mean_cost, part.loss_points) for part in parts], axis=0, weights=sizes)
        choices.append(Choice(point, measure(point, exits), Outcome(float(cost), float(loss))))
    return choices


def expected_losses(fitted_on: Exits, confidence: np.ndarray) -> np.ndarray:
    """Return P(last exit right) − P(this exit right) given this exit's confidence, [rows, layers], 0 at the last.

    Two logistic regressions an exit on ln(p / (1 − p)), fitted on `fitted_on`, asked at `confidence` [rows, layers].
    """
    last = fitted_on.correct[:, -1]
    columns = []
    for layer in range(confidence.shape[1] - 1):
        seen, asked = (_log_odds(values[:, layer])[:, np.newaxis] for values in (fitted_on.confidence, confidence))
        of_last = predict_logistic(asked, fit_logistic(seen, last))
        columns.append(of_last - predict_logistic(asked, fit_logistic(seen, fitted_on.correct[:, layer])))
    return np.stack([*columns, np.zeros(len(confidence))], axis=1)


def _cheapest(exits: Exits, plans: Sequence[Plan], allowed_points: Sequence[float]) -> list[OperatingPoint]:
    """The cheapest point for each allowance, by expected losses."""
    losses = expected_losses(exits, exits.confidence)
    tables = [_pairs(exits.confidence, losses, plan) for plan in plans]
    cost, loss = (np.stack(table) for table in zip(*tables, strict=True))
    points = []
    for allowed in allowed_points:
        index = np.argmin(np.where(loss * 100 <= allowed + 1e-9, cost, np.inf))
        plan, mobile, edge = np.unravel_index(index, cost.shape)
        points.append(OperatingPoint(plans[plan], float(_GRID[mobile]), float(_GRID[edge])))
    return points


def _pairs(confidence: np.ndarray, losses: np.ndarray, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Mean cost and loss [mobile, edge] of a plan's pairs, by matrix products of who left early and what if not."""
    layers = confidence.shape[1]
    early = first_reaching(confidence[:, : plan.mobile_layers], _GRID)
    on_edge = first_reaching(confidence[:, plan.mobile_layers : plan.edge_layers], _GRID)
    late = np.where(on_edge > 0, plan.mobile_layers + on_edge, layers)
    left, early = early > 0, np.maximum(early, 1)

    def table(early_values: np.ndarray, late_values: np.ndarray) -> np.ndarray:
        here = np.where(left, early_values, 0.0).sum(axis=1)
        return (here[:, np.newaxis] + (~left).astype(float) @ late_values.T) / len(confidence)

    def loss_at(exits: np.ndarray) -> np.ndarray:
        return np.take_along_axis(losses, exits.T - 1, axis=1).T

    return table(COSTS.of_exits(early, plan), COSTS.of_exits(late, plan)), table(loss_at(early), loss_at(late))


def _log_odds(confidence: np.ndarray) -> np.ndarray:
    clipped = np.clip(confidence, _SMALLEST, 1 - _SMALLEST)
    return np.log(clipped) - np.log1p(-clipped)
