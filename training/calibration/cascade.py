"""The three-tier cascade on recorded exits: where rows leave, and what that costs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, order=True)
class Plan:
    """Which tier runs what: mobile layers 1 to `mobile_layers`, the edge on to `edge_layers`, the cloud the rest."""

    mobile_layers: int
    edge_layers: int


@dataclass(frozen=True)
class Costs:
    """The design's default costs in units of one layer, which costs 1 on every tier."""

    mobile_to_edge: float = 2.0
    edge_to_cloud: float = 3.0
    mobile_to_cloud: float = 5.0

    def all_cloud(self, layers: int) -> float:
        """Return what a sample costs that goes whole to the cloud."""
        return self.mobile_to_cloud + layers

    def of_exits(self, exits: np.ndarray, plan: Plan) -> np.ndarray:
        """Return the cost of leaving a cascade at each of these layers (1-based)."""
        offloaded = np.where(exits > plan.mobile_layers, self.mobile_to_edge, 0.0)
        return exits + offloaded + np.where(exits > plan.edge_layers, self.edge_to_cloud, 0.0)


COSTS = Costs()


@dataclass(frozen=True)
class Exits:
    """One task's calibrated exits: `confidence` [rows, layers], `correct` [rows, layers] bool."""

    confidence: np.ndarray
    correct: np.ndarray

    @property
    def layers(self) -> int:
        """How many exits there are."""
        return self.confidence.shape[1]

    def part(self, rows: np.ndarray) -> "Exits":
        """Return some of the rows."""
        return Exits(self.confidence[rows], self.correct[rows])

    def correct_at(self, exits: np.ndarray) -> np.ndarray:
        """Return whether each row is right at its layer (1-based) of `exits` [rows]."""
        return self.correct[np.arange(len(exits)), exits - 1]


def exits_of(probabilities: np.ndarray, gold: np.ndarray) -> Exits:
    """Return the exits of calibrated probabilities [rows, layers, classes] and gold [rows] label ids."""
    return Exits(probabilities.max(axis=2), probabilities.argmax(axis=2) == gold[:, np.newaxis])


def exit_layers(confidence: np.ndarray, thresholds: Sequence[float]) -> np.ndarray:
    """Return the layer (1-based) at which each row leaves; confidence [rows, layers].

    A row leaves at the first exit whose confidence is ≥ that exit's threshold; a threshold of 1 is never reached.
    `thresholds`: one for each exit of the mobile and the edge tier; what reaches the cloud runs to the last layer.
    """
    exits = first_reaching(confidence[:, : len(thresholds)], np.array([thresholds]))[0]
    return np.where(exits > 0, exits, confidence.shape[1])


def first_reaching(confidence: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return [choices, rows]: the 1-based first column that reaches its threshold of `thresholds` [choices, columns].

    0 where none does; a threshold of 1 is never reached.
    """
    reached = (confidence >= thresholds[:, np.newaxis]) & (thresholds < 1)[:, np.newaxis]
    not_yet = np.logical_and.accumulate(~reached, axis=2).sum(axis=2)
    return np.where(not_yet < confidence.shape[1], not_yet + 1, 0)
