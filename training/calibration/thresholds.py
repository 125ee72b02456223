"""A plan and thresholds for a cascade: the cheapest whose expected loss of accuracy is small enough."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from training.calibration.cascade import COSTS, Exits, Plan, exit_layers
from training.calibration.expected_losses import PooledLosses, expected_losses
from training.calibration.pair_tables import pair_means

# Steps of the page's sliders where they matter, coarser below; a threshold of 1 is never reached.
_GRID = np.round(np.concatenate([np.arange(1.0, 0.8, -0.005), np.arange(0.8, 0.33, -0.02)]), 3)
_FOLDS = 5
# How often a joint choice divides the rows anew: which rows fall into a fold moves the loss by tenths of a point.
_DIVISIONS = 5
_SEED = 2410
_STANDARD_ERRORS = 2
# What an exit may be expected to lose, as a share of one right answer; −1: nothing leaves there.
_LIMITS = np.concatenate([[-1.0], np.geomspace(0.0003, 0.4, 36)])
# Units of cost for a point of accuracy, the dearest first.
_PRICES = np.geomspace(50, 0.5, 49)


@dataclass(frozen=True)
class OperatingPoint:
    """A plan, and the confidence from which on a row leaves at each exit of its mobile and edge tier (1: none does).

    `limits`: what the mobile and the edge tier's exits may be expected to lose, as shares of a right answer, where
    thresholds follow from that (−1: nothing leaves there).
    """

    plan: Plan
    thresholds: tuple[float, ...]
    limits: tuple[float, float] | None = None

    @classmethod
    def of_tiers(cls, plan: Plan, mobile: float, edge: float) -> "OperatingPoint":
        """Return the point whose exits have their tier's threshold."""
        return cls(plan, (mobile,) * plan.mobile_layers + (edge,) * (plan.edge_layers - plan.mobile_layers))

    def exits(self, confidence: np.ndarray) -> np.ndarray:
        """Return the layer (1-based) at which each row of confidences [rows, layers] leaves."""
        return exit_layers(confidence, self.thresholds)


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


def choose_points(exits: Exits, plan: Plan, allowed_points: Sequence[float]) -> list[Choice]:
    """Return, for each allowance, the cheapest operating point of a plan expected to lose no more points.

    Counting losses on a few hundred rows overfits: the pair that seems to lose 0.3 points there loses several on
    others. So each row's loss at an exit is taken as what its confidence predicts (`expected_losses`: two numbers an
    exit are fitted instead of a count believed). `predicted` is cross-fitted: in 5 folds, fitted and chosen without the
    fold, counted on it. (1, 1) sends all to the cloud and loses nothing, so an answer always exists.
    """
    chosen = _cheapest(exits, plan, allowed_points)
    folds = _folds(exits)
    held_out = [_cheapest(others, plan, allowed_points) for others, _ in folds]
    choices = []
    for index, point in enumerate(chosen):
        predicted = _mean_outcome([(points[index], fold) for points, (_, fold) in zip(held_out, folds, strict=True)])
        choices.append(Choice(point, measure(point, exits), predicted))
    return choices


@dataclass(frozen=True)
class JointChoice:
    """A choice for each task at one price of a lost point, in units of cost."""

    choices: Mapping[str, Choice]
    price: float

    def foretold_cut(self, layers: int) -> float:
        """Return what the cross-fit foretells of the cost cut against all-cloud, in percent, mean over tasks."""
        cost = np.mean([choice.predicted.mean_cost for choice in self.choices.values()])
        return float((1 - cost / COSTS.all_cloud(layers)) * 100)

    @property
    def foretold_losses(self) -> list[float]:
        """What the cross-fit foretells of each task's loss, in points."""
        return [choice.predicted.loss_points for choice in self.choices.values()]

    def keeps_to(self, allowed_points: float, allowed_on_a_task: float) -> bool:
        """Whether the foretold losses keep to an allowance on their mean and to one on each task."""
        losses = self.foretold_losses
        return bool(np.mean(losses) <= allowed_points and max(losses) <= allowed_on_a_task)


def joint_choices(exits: Mapping[str, Exits], plans: Sequence[Plan]) -> list[JointChoice]:
    """Return what is cheapest for all tasks at many prices of a lost point, the dearest first.

    A lost point has one price on all tasks, and each takes what is cheapest at that price: so accuracy is given up
    where it buys the most. Every exit has a threshold of its own: a row leaves where its expected loss (`PooledLosses`)
    is within a limit that the tier's exits share. A point's loss is the expected one and twice its standard error,
    which counts most where there are few rows and exits disagree. `predicted` is cross-fitted as in `choose_points`,
    but over several divisions into folds.
    """
    return _at_prices(exits, lambda part: _joint_tables(part, plans))


def static_choices(exits: Mapping[str, Exits]) -> list[JointChoice]:
    """Return the same for a static cut: all rows of a task leave at one layer, which is the mobile tier's last."""
    return _at_prices(exits, _static_tables)


def _at_prices(
    exits: Mapping[str, Exits], tables_of: Callable[[Mapping[str, Exits]], Mapping[str, "_Priced"]]
) -> list[JointChoice]:
    whole = tables_of(exits)
    folds = {task: [part for seed in range(_DIVISIONS) for part in _folds(rows, seed)] for task, rows in exits.items()}
    parts = range(min(len(own) for own in folds.values()))
    held_out = [tables_of({task: own[part][0] for task, own in folds.items()}) for part in parts]

    def at(price: float) -> JointChoice:
        choices = {}
        for task, rows in exits.items():
            point = whole[task].cheapest_at(price)
            apart = zip(held_out, folds[task], strict=False)
            predicted = _mean_outcome([(tables[task].cheapest_at(price), fold) for tables, (_, fold) in apart])
            choices[task] = Choice(point, measure(point, rows), predicted)
        return JointChoice(choices, price)

    return [at(float(price)) for price in _PRICES]


def cheapest_within(choices: Sequence[JointChoice], allowed_points: float, allowed_on_a_task: float) -> JointChoice:
    """Return the last of `joint_choices` up to which the foretold losses keep to both allowances; else the first."""
    kept = itertools.takewhile(lambda choice: choice.keeps_to(allowed_points, allowed_on_a_task), choices)
    return [choices[0], *kept][-1]


class _Priced(Protocol):
    """What knows the point that is cheapest where a lost point of accuracy costs so many units."""

    def cheapest_at(self, price: float) -> OperatingPoint:
        """Return it."""


@dataclass(frozen=True)
class _Tables:
    """Of every point [plans, mobile, edge]: the mean cost, the expected loss and its standard error, as shares.

    `levels` [choices, layers]: the thresholds that a tier's exits may have; `limits` [choices] where they follow from
    those.
    """

    plans: Sequence[Plan]
    levels: np.ndarray
    limits: np.ndarray | None
    cost: np.ndarray
    loss: np.ndarray
    error: np.ndarray

    def cheapest_within(self, allowed_points: float) -> OperatingPoint:
        return self._point(np.argmin(np.where(self.loss * 100 <= allowed_points + 1e-9, self.cost, np.inf)))

    def cheapest_at(self, price: float) -> OperatingPoint:
        return self._point(np.argmin(self.cost + _priced(price, self.loss, self.error)))

    def _point(self, index: np.intp) -> OperatingPoint:
        place, mobile, edge = np.unravel_index(index, self.cost.shape)
        plan = self.plans[place]
        thresholds = (
            *self.levels[mobile, : plan.mobile_layers],
            *self.levels[edge, plan.mobile_layers : plan.edge_layers],
        )
        limits = None if self.limits is None else (float(self.limits[mobile]), float(self.limits[edge]))
        return OperatingPoint(plan, tuple(float(value) for value in thresholds), limits)


@dataclass(frozen=True)
class _StaticTables:
    """The expected loss of leaving at each layer, and its standard error: `loss` and `error` [layers], as shares."""

    loss: np.ndarray
    error: np.ndarray

    def cheapest_at(self, price: float) -> OperatingPoint:
        layers = np.arange(1, len(self.loss) + 1)
        return static_point(int(layers[np.argmin(layers + _priced(price, self.loss, self.error))]))


def static_point(layer: int) -> OperatingPoint:
    """Return the point at which every row leaves at a layer, the last of the mobile tier."""
    return OperatingPoint(Plan(layer, layer), (1.0,) * (layer - 1) + (0.0,))


def _priced(price: float, loss: np.ndarray, error: np.ndarray) -> np.ndarray:
    return price * (loss + _STANDARD_ERRORS * error) * 100


def _joint_tables(exits: Mapping[str, Exits], plans: Sequence[Plan]) -> dict[str, _Tables]:
    losses = PooledLosses(exits)
    return {
        task: _tables(
            rows.confidence,
            losses.of(task, rows.confidence),
            _changes(rows),
            losses.thresholds(task, _LIMITS),
            plans,
            _LIMITS,
        )
        for task, rows in exits.items()
    }


def point_of_unseen(
    losses: PooledLosses, task: str, confidence: np.ndarray, plans: Sequence[Plan], price: float
) -> OperatingPoint:
    """Return what is cheapest at a price on a task that brings `confidence` [rows, layers] and no labels."""
    foretold, changed = losses.of(task, confidence), losses.changed(task, confidence)
    return _tables(confidence, foretold, changed, losses.thresholds(task, _LIMITS), plans, _LIMITS).cheapest_at(price)


def _static_tables(exits: Mapping[str, Exits]) -> dict[str, _StaticTables]:
    losses = PooledLosses(exits)
    return {
        task: _StaticTables(
            losses.of(task, rows.confidence).mean(axis=0),
            np.sqrt(_changes(rows).mean(axis=0) / len(rows.correct)),
        )
        for task, rows in exits.items()
    }


def _changes(exits: Exits) -> np.ndarray:
    """Where right and wrong change to the last exit, [rows, layers].

    A row's loss is 1, 0 or −1, so that its variance is about the share of such rows.
    """
    return (exits.correct != exits.correct[:, -1:]).astype(float)


def _tables(
    confidence: np.ndarray,
    losses: np.ndarray,
    changes: np.ndarray,
    levels: np.ndarray,
    plans: Sequence[Plan],
    limits: np.ndarray | None = None,
) -> _Tables:
    cost, (loss, changed) = pair_means(confidence, np.stack([losses, changes]), levels, plans)
    return _Tables(plans, levels, limits, cost, loss, np.sqrt(np.maximum(changed, 0) / len(changes)))


def _cheapest(exits: Exits, plan: Plan, allowed_points: Sequence[float]) -> list[OperatingPoint]:
    """The cheapest point for each allowance, by expected losses."""
    levels = np.tile(_GRID[:, np.newaxis], (1, exits.layers))
    losses = expected_losses(exits, exits.confidence)
    tables = _tables(exits.confidence, losses, _changes(exits), levels, [plan])
    return [tables.cheapest_within(allowed) for allowed in allowed_points]


def _folds(exits: Exits, division: int = 0) -> list[tuple[Exits, Exits]]:
    """Of each fold the other rows, and its own; every `division` into folds is another one."""
    rows = np.arange(len(exits.correct))
    order = np.random.default_rng(_SEED + division).permutation(len(rows))
    folds = np.array_split(order, min(_FOLDS, len(rows)))
    return [(exits.part(np.setdiff1d(rows, fold)), exits.part(fold)) for fold in folds]


def _mean_outcome(points_on: Sequence[tuple[OperatingPoint, Exits]]) -> Outcome:
    """What operating points give on rows of their own, over all those rows."""
    outcomes = [measure(point, rows) for point, rows in points_on]
    sizes = [len(rows.correct) for _, rows in points_on]
    cost, loss = np.average([(each.mean_cost, each.loss_points) for each in outcomes], axis=0, weights=sizes)
    return Outcome(float(cost), float(loss))
