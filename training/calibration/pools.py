"""Pools of easy, moderate and hard samples by the distance of an embedding to three centroids.

A reconstruction of DIMEE (arXiv 2410.05338) and DIMEC-DC (arXiv 2412.16616), whose papers leave the details open.
"""

from dataclasses import dataclass

import numpy as np

from training.calibration.cascade import COSTS, Exits, Plan

POOLS = ("easy", "moderate", "hard")


@dataclass(frozen=True)
class Pools:
    """`centroids` [3, hidden] float32 of POOLS; `shares` [3]: the share of rows that each was fitted on."""

    centroids: np.ndarray
    shares: np.ndarray

    def distances(self, embedding: np.ndarray) -> np.ndarray:
        """Return the Euclidean distance of embeddings [rows, hidden] to each centroid, [rows, 3]."""
        return np.linalg.norm(embedding[:, np.newaxis] - self.centroids, axis=2)


def fit_pools(embedding: np.ndarray, pool: np.ndarray) -> Pools:
    """Return the mean embedding of each pool; `pool` [rows] is 0, 1 or 2. An empty pool takes the mean of all rows."""
    members = [embedding[pool == index] for index in range(len(POOLS))]
    centroids = [part.mean(axis=0) if len(part) else embedding.mean(axis=0) for part in members]
    return Pools(np.stack(centroids).astype(np.float32), np.array([len(part) / len(pool) for part in members]))


def pools_by_exits(exits: Exits, plan: Plan) -> np.ndarray:
    """Return DIMEE's pool of each row: the tier, if any, whose last exit is the first to be right; else hard."""
    mobile = exits.correct[:, plan.mobile_layers - 1]
    edge = exits.correct[:, plan.edge_layers - 1]
    return np.where(mobile, 0, np.where(edge, 1, 2))


def pools_by_dynamics(confidence: np.ndarray) -> np.ndarray:
    """Return DIMEC-DC's pool of each row from the true class's probability [epochs, rows] at the end of each epoch.

    Data maps (Swayamdipta et al., arXiv 2009.10795): the third of the rows whose confidence varies most is moderate
    ("ambiguous"); of the others those of mean confidence ≥ 0.5 are easy, the rest hard.
    """
    mean, spread = confidence.mean(axis=0), confidence.std(axis=0)
    ambiguous = spread > np.quantile(spread, 2 / 3)
    return np.where(ambiguous, 1, np.where(mean >= 0.5, 0, 2))


def pool_exits(distances: np.ndarray, plan: Plan, layers: int) -> np.ndarray:
    """Return the layer at which each row leaves that goes whole to its pool's tier and runs that tier's layers."""
    return np.array([plan.mobile_layers, plan.edge_layers, layers])[distances.argmin(axis=1)]


def pool_costs(exits: np.ndarray, plan: Plan) -> np.ndarray:
    """Return the cost of rows that went whole to the tier whose last layer is `exits`: its layers and one crossing."""
    crossing = np.where(exits > plan.edge_layers, COSTS.mobile_to_cloud, COSTS.mobile_to_edge)
    return exits + np.where(exits > plan.mobile_layers, crossing, 0.0)
