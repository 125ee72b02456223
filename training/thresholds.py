"""A plan and two thresholds for a cascade: the cheapest whose expected loss of accuracy is small enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.cascade import COSTS, Exits, Plan, exit_layers, first_reaching
from training.logistic import fit_logistic, predict_logistic

# Steps of the page's sliders where they matter, coarser below; a threshold of 1 is never reached.
_GRID = np.round(np.concatenate([np.arange(1.0, 0.8, -0.005), np.arange(0.8, 0.33, -0.02)]), 3)
_FOLDS = 5
# How often a joint choice divides the rows anew: which rows fall into a fold moves the loss by tenths of a point.
_DIVISIONS = 5
_SEED = 2410
_SMALLEST = 1e-4
_STANDARD_ERRORS = 2
# Units of cost for a point of accuracy, the dearest first.
_PRICES = np.geomspace(50, 0.5, 49)


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
    chosen = _cheapest(exits, plans, allowed_points)
    folds = _folds(exits)
    held_out = [_cheapest(others, plans, allowed_points) for others, _ in folds]
    choices = []
    for index, point in enumerate(chosen):
        predicted = _mean_outcome([(points[index], fold) for points, (_, fold) in zip(held_out, folds, strict=True)])
        choices.append(Choice(point, measure(point, exits), predicted))
    return choices


def choose_jointly(
    exits: Mapping[str, Exits], plans: Sequence[Plan], allowed_points: float, allowed_on_a_task: float
) -> dict[str, Choice]:
    """Return a choice for each task that together lose no more points than allowed, on the mean and on each task.

    A lost point has one price on all tasks, and each takes what is cheapest at that price: so accuracy is given up
    where it buys the most. A point's loss is the expected one and twice its standard error, which counts most where
    there are few rows and exits disagree. From the dearest price down, the last is taken up to which the cross-fitted
    losses (`predicted`, as in `choose_points`, but over several divisions into folds) keep to both allowances.
    """
    whole = {task: _tables(rows, plans) for task, rows in exits.items()}
    folds = {task: [part for seed in range(_DIVISIONS) for part in _folds(rows, seed)] for task, rows in exits.items()}
    held_out = {task: [_tables(others, plans) for others, _ in parts] for task, parts in folds.items()}

    def at(price: float) -> dict[str, Choice]:
        choices = {}
        for task, rows in exits.items():
            point = whole[task].cheapest_at(price)
            parts = zip(held_out[task], folds[task], strict=True)
            predicted = _mean_outcome([(tables.cheapest_at(price), fold) for tables, (_, fold) in parts])
            choices[task] = Choice(point, measure(point, rows), predicted)
        return choices

    found: dict[str, Choice] = {}
    for price in _PRICES:
        choices = at(price)
        losses = [choice.predicted.loss_points for choice in choices.values()]
        if found and (np.mean(losses) > allowed_points or max(losses) > allowed_on_a_task):
            break
        found = choices
    return found


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


@dataclass(frozen=True)
class _Tables:
    """Of every point [plans, mobile, edge]: the mean cost, the expected loss and its standard error, as shares."""

    plans: Sequence[Plan]
    cost: np.ndarray
    loss: np.ndarray
    error: np.ndarray

    def cheapest_within(self, allowed_points: float) -> OperatingPoint:
        return self._point(np.argmin(np.where(self.loss * 100 <= allowed_points + 1e-9, self.cost, np.inf)))

    def cheapest_at(self, price: float) -> OperatingPoint:
        return self._point(np.argmin(self.cost + price * (self.loss + _STANDARD_ERRORS * self.error) * 100))

    def _point(self, index: np.intp) -> OperatingPoint:
        plan, mobile, edge = np.unravel_index(index, self.cost.shape)
        return OperatingPoint(self.plans[plan], float(_GRID[mobile]), float(_GRID[edge]))


def _tables(exits: Exits, plans: Sequence[Plan]) -> _Tables:
    losses = expected_losses(exits, exits.confidence)
    # A row's loss is 1, 0 or −1, so that its variance is about the share of rows where right and wrong change.
    changes = (exits.correct != exits.correct[:, -1:]).astype(float)
    found = [_pairs(exits.confidence, np.stack([losses, changes]), plan) for plan in plans]
    cost, loss, changed = (np.stack(table) for table in zip(*found, strict=True))
    return _Tables(plans, cost, loss, np.sqrt(np.maximum(changed, 0) / len(changes)))


def _cheapest(exits: Exits, plans: Sequence[Plan], allowed_points: Sequence[float]) -> list[OperatingPoint]:
    """The cheapest point for each allowance, by expected losses."""
    tables = _tables(exits, plans)
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


def _pairs(confidence: np.ndarray, values: np.ndarray, plan: Plan) -> tuple[np.ndarray, ...]:
    """Means [mobile, edge] over a plan's pairs, by matrix products of who left early and what if not.

    Of the cost, and of each of `values` [kinds, rows, layers] at the layer where a row leaves.
    """
    layers = confidence.shape[1]
    early = first_reaching(confidence[:, : plan.mobile_layers], _GRID)
    on_edge = first_reaching(confidence[:, plan.mobile_layers : plan.edge_layers], _GRID)
    late = np.where(on_edge > 0, plan.mobile_layers + on_edge, layers)
    left, early = early > 0, np.maximum(early, 1)

    def table(early_values: np.ndarray, late_values: np.ndarray) -> np.ndarray:
        here = np.where(left, early_values, 0.0).sum(axis=1)
        return (here[:, np.newaxis] + (~left).astype(float) @ late_values.T) / len(confidence)

    def at(kind: np.ndarray, exits: np.ndarray) -> np.ndarray:
        return np.take_along_axis(kind, exits.T - 1, axis=1).T

    costs = table(COSTS.of_exits(early, plan), COSTS.of_exits(late, plan))
    return costs, *(table(at(kind, early), at(kind, late)) for kind in values)


def _log_odds(confidence: np.ndarray) -> np.ndarray:
    clipped = np.clip(confidence, _SMALLEST, 1 - _SMALLEST)
    return np.log(clipped) - np.log1p(-clipped)
