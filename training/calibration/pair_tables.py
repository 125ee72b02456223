"""What every pair of a mobile and an edge choice gives under many plans, counted once for all of them."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from training.calibration.cascade import COSTS, Plan


def pair_means(
    confidence: np.ndarray, values: np.ndarray, levels: np.ndarray, plans: Sequence[Plan]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean cost [plans, mobile, edge], and the mean of each of `values` [kinds, plans, mobile, edge].

    `confidence` [rows, layers]; `values` [kinds, rows, layers] at the layer where a row leaves, 0 at the last;
    `levels` [choices, layers] thresholds, each choice letting go all that the one before it does; `plans` sorted.
    """
    rows, layers = confidence.shape
    following = _following(confidence, levels)
    exits = np.arange(layers + 2)
    costs, means = [], []
    for mobile_layers, own in groupby(plans, lambda plan: plan.mobile_layers):
        edges = [plan.edge_layers for plan in own]
        early, late = following[0], following[mobile_layers]
        left = early <= mobile_layers
        # From which mobile choice on a row leaves early: a row still climbs under every choice before that.
        climbs = (~left).sum(axis=0)
        here = [np.where(left, kind, 0.0).sum(axis=1) for kind in (early, *(_at(kind, early) for kind in values))]
        counts, *sums = (_by_exit(climbs, late, kind, layers) for kind in (None, *(_at(kind, late) for kind in values)))
        kinds = [
            here_of[:, np.newaxis, np.newaxis] + of.cumsum(axis=-1) for here_of, of in zip(here[1:], sums, strict=True)
        ]
        for edge_layers in edges:
            cost = COSTS.of_exits(np.where(exits <= edge_layers, exits, layers), Plan(mobile_layers, edge_layers))
            costs.append((here[0][:, np.newaxis] + counts @ cost) / rows)
            means.append([kind[..., edge_layers] / rows for kind in kinds])
    return np.stack(costs), np.moveaxis(np.array(means), 0, 1)


def _following(confidence: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return [layers + 1, choices, rows]: the first layer after so many that a row leaves at; layers + 1 if none."""
    rows, layers = confidence.shape
    found = np.full((layers + 1, len(levels), rows), layers + 1)
    for layer in reversed(range(layers)):
        reached = (confidence[:, layer] >= levels[:, [layer]]) & (levels[:, [layer]] < 1)
        found[layer] = np.where(reached, layer + 1, found[layer + 1])
    return found


def _at(values: np.ndarray, exits: np.ndarray) -> np.ndarray:
    """Values [rows, layers] at exits [choices, rows]; those of the last layer where there is none."""
    return values[np.arange(len(values)), np.minimum(exits, values.shape[1]) - 1]


def _by_exit(climbs: np.ndarray, exits: np.ndarray, weights: np.ndarray | None, layers: int) -> np.ndarray:
    """Return [mobile, edge, layers + 2]: sums over the rows that still climb under a mobile choice, by their exit.

    `climbs` [rows]: under how many mobile choices, from the first on; `exits` [edge, rows], `weights` of that shape.
    """
    choices = len(exits)
    shape = (choices + 1, choices, layers + 2)
    index = np.ravel_multi_index(
        (np.broadcast_to(climbs, exits.shape), np.arange(choices)[:, np.newaxis], exits), shape
    )
    flat = None if weights is None else weights.ravel()
    sums = np.bincount(index.ravel(), flat, minlength=np.prod(shape)).reshape(shape)
    return sums[::-1].cumsum(axis=0)[::-1][1:]
