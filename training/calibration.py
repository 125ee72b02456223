"""Temperatures by likelihood, and the two thresholds of a three-tier cascade by cost."""

from dataclasses import dataclass

import numpy as np

_TEMPERATURE_RANGE = (0.05, 20.0)
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True)
class Plan:
    """Which tier runs what, and the design's default costs in units of one layer (λ = 1 on every tier).

    The mobile tier runs layers 1 to `mobile_layers`, the edge on to `edge_layers`, the cloud the rest.
    """

    mobile_layers: int = 4
    edge_layers: int = 8
    mobile_to_edge: float = 2.0
    edge_to_cloud: float = 3.0


@dataclass(frozen=True)
class Thresholds:
    """Chosen confidence thresholds, and what they give on the rows they were chosen on (accuracies 0 to 1)."""

    mobile: float
    edge: float
    mean_cost: float
    accuracy: float
    last_exit_accuracy: float


def softmax(logits: np.ndarray, temperature: float | np.ndarray = 1.0) -> np.ndarray:
    """Return softmax(logits / temperature) over the last axis, in float64."""
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def negative_log_likelihood(logits: np.ndarray, gold: np.ndarray, temperature: float) -> float:
    """Return the mean of −ln p(gold); logits [rows, classes], gold [rows] label ids."""
    chosen = softmax(logits, temperature)[np.arange(len(gold)), gold]
    return float(-np.log(np.maximum(chosen, np.finfo(np.float64).tiny)).mean())


def fit_temperature(logits: np.ndarray, gold: np.ndarray) -> float:
    """Return the temperature within 0.05…20 that minimises the negative log-likelihood (Guo et al., 1706.04599).

    Golden-section search over ln T: the likelihood is concave in 1/T, so it has one maximum in ln T too.
    """
    low, high = np.log(_TEMPERATURE_RANGE)
    while high - low > 1e-4:
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        losses = [negative_log_likelihood(logits, gold, float(np.exp(point))) for point in (left, right)]
        if losses[0] <= losses[1]:
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def exit_layers(confidence: np.ndarray, plan: Plan, mobile: float, edge: float) -> np.ndarray:
    """Return the layer (1-based) at which each row leaves; confidence [rows, layers].

    A row leaves at the first layer of the mobile or edge tier whose confidence is ≥ that tier's threshold, as the
    policy `confidence` of core/ does; a threshold of 1 is never reached. What reaches the cloud runs to the last layer.
    """
    on_mobile = _first_reaching(confidence[:, : plan.mobile_layers], mobile)
    on_edge = _first_reaching(confidence[:, plan.mobile_layers : plan.edge_layers], edge)
    late = np.where(on_edge > 0, plan.mobile_layers + on_edge, confidence.shape[1])
    return np.where(on_mobile > 0, on_mobile, late)


def exit_costs(layers: np.ndarray, plan: Plan) -> np.ndarray:
    """Return the cost of leaving at each of these layers (1-based)."""
    offloaded = np.where(layers > plan.mobile_layers, plan.mobile_to_edge, 0.0)
    return layers + offloaded + np.where(layers > plan.edge_layers, plan.edge_to_cloud, 0.0)


def choose_thresholds(
    probabilities: np.ndarray, gold: np.ndarray, plan: Plan, largest_loss: float, step: float = 0.005
) -> Thresholds:
    """Return the cheapest pair of thresholds that loses at most `largest_loss` accuracy (0 to 1) to the last exit.

    `probabilities` [rows, layers, classes] calibrated, `gold` [rows]. Tries a grid from 1/classes to 1; of equally
    cheap pairs the most accurate wins. (1, 1) sends all to the cloud and loses nothing, so an answer always exists.
    """
    confidence = probabilities.max(axis=2)
    correct = probabilities.argmax(axis=2) == gold[:, np.newaxis]
    last = float(correct[:, -1].mean())
    grid = np.round(np.arange(1.0, 1 / probabilities.shape[2] - 1e-9, -step), 3)
    best = Thresholds(1.0, 1.0, float("inf"), last, last)
    late = np.stack([exit_layers(confidence, plan, mobile=1.0, edge=edge) for edge in grid])
    for mobile in grid:
        early = exit_layers(confidence, plan, mobile, edge=1.0)
        layers = np.where(early <= plan.mobile_layers, early, late)
        costs = exit_costs(layers, plan).mean(axis=1)
        accuracies = correct[np.arange(len(gold)), layers - 1].mean(axis=1)
        passing = np.flatnonzero(accuracies >= last - largest_loss - 1e-12)
        for index in passing[np.lexsort((-accuracies[passing], costs[passing]))[:1]]:
            cost, accuracy = float(costs[index]), float(accuracies[index])
            if (cost, -accuracy) < (best.mean_cost, -best.accuracy):
                best = Thresholds(float(mobile), float(grid[index]), cost, accuracy, last)
    return best


def _first_reaching(confidence: np.ndarray, threshold: float) -> np.ndarray:
    """Return the 1-based index of the first column ≥ threshold in each row; 0 for none, or a threshold of 1."""
    never = np.ones((len(confidence), 1), bool)
    first = np.concatenate([(confidence >= threshold) & (threshold < 1), never], axis=1).argmax(axis=1) + 1
    return np.where(first <= confidence.shape[1], first, 0)
