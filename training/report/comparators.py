"""What a cascade is compared with on the same rows: the same costs, other ways to choose the exit."""

from dataclasses import dataclass

import numpy as np

from training.calibration.cascade import COSTS, Exits, Plan
from training.calibration.pools import pool_costs, pool_exits


@dataclass(frozen=True)
class Result:
    """Means over rows: cost, layers run, and accuracy from 0 to 1."""

    cost: float
    layers: float
    accuracy: float

    def as_json(self, exits: Exits) -> dict[str, float]:
        """Return the cut of cost and layers in percent of all in the cloud, and accuracy and its loss in points."""
        last = float(exits.correct[:, -1].mean())
        return {
            "costCutPercent": round((1 - self.cost / COSTS.all_cloud(exits.layers)) * 100, 2),
            "layersSavedPercent": round((1 - self.layers / exits.layers) * 100, 2),
            "accuracyPercent": round(self.accuracy * 100, 2),
            "accuracyLossPoints": round((last - self.accuracy) * 100, 2),
        }


def cascade_result(exits: Exits, layers: np.ndarray, plan: Plan) -> Result:
    """Rows that leave a cascade at `layers` [rows]."""
    return Result(
        float(COSTS.of_exits(layers, plan).mean()), float(layers.mean()), float(exits.correct_at(layers).mean())
    )


def comparators(
    exits: Exits, layers: np.ndarray, plan: Plan, distances: dict[str, np.ndarray | None], own_plan: Plan
) -> dict[str, Result]:
    """Return the results beside a cascade whose rows leave at `layers` under `plan`.

    allMobile: all leave at the mobile tier's last layer. fixedExit: at equal mean depth, all at one layer, or split at
    random between the two layers around it. randomExit: the cascade's own shares of layers, dealt out at random.
    randomTiers: its shares of tiers, dealt out at random, each answering at its last layer. staticLayer: at equal cost,
    all at one layer, or split at random between the two around it, under the plan that suits that: every layer on the
    mobile tier, no crossing. oracle: the earliest right exit, else the last. Pools (by `distances` [rows, 3]) under
    `own_plan`, the plan that they were fitted for; …AtRandom: as many rows to each tier, dealt out at random. Random
    ones are expectations, not draws.
    """
    accuracy = exits.correct.mean(axis=0)
    cost = COSTS.of_exits(np.arange(1, exits.layers + 1), plan)
    shares = np.bincount(layers - 1, minlength=exits.layers) / len(layers)
    depth = float(layers.mean())
    at_depth = _around(depth, exits.layers)
    earliest = np.where(exits.correct.any(axis=1), exits.correct.argmax(axis=1) + 1, exits.layers)
    results = {
        "allMobile": Result(plan.mobile_layers, plan.mobile_layers, float(accuracy[plan.mobile_layers - 1])),
        "fixedExit": Result(float(at_depth @ cost), depth, float(at_depth @ accuracy)),
        "randomExit": Result(float(shares @ cost), depth, float(shares @ accuracy)),
        "randomTiers": _random_tiers(accuracy, cost, layers, plan),
        "staticLayer": _static(exits, float(COSTS.of_exits(layers, plan).mean())),
        "oracle": cascade_result(exits, earliest, plan),
    }
    for name, distance in distances.items():
        if distance is not None:
            left = pool_exits(distance, own_plan, exits.layers)
            cost_of_pools = float(pool_costs(left, own_plan).mean())
            depth_of_pools = float(left.mean())
            results[name] = Result(cost_of_pools, depth_of_pools, float(exits.correct_at(left).mean()))
            results[f"{name}AtRandom"] = Result(cost_of_pools, depth_of_pools, float(accuracy[left - 1].mean()))
    return results


def correct_at_cost(exits: Exits, cost: float) -> np.ndarray:
    """Return how often each row [rows] is right where all leave at one layer, or at the two around a mean cost.

    Every layer runs on the mobile tier, so that leaving at layer l costs l.
    """
    return exits.correct @ _around(min(max(cost, 1.0), float(exits.layers)), exits.layers)


def _static(exits: Exits, cost: float) -> Result:
    return Result(cost, cost, float(correct_at_cost(exits, cost).mean()))


def _random_tiers(accuracy: np.ndarray, cost: np.ndarray, layers: np.ndarray, plan: Plan) -> Result:
    ends = np.array([plan.mobile_layers, plan.edge_layers, len(cost)])
    shares = np.bincount(np.searchsorted(ends, layers), minlength=3) / len(layers)
    return Result(float(shares @ cost[ends - 1]), float(shares @ ends), float(shares @ accuracy[ends - 1]))


def _around(depth: float, layers: int) -> np.ndarray:
    """Shares [layers] of the two layers around a mean depth."""
    below = min(int(depth), layers - 1)
    shares = np.zeros(layers)
    shares[below - 1], shares[below] = 1 - (depth - below), depth - below
    return shares
