"""What several test files of this room share."""

import numpy as np

from training.calibration.cascade import Exits, Plan

PLAN = Plan(4, 8)


def simulated(rows: int, seed: int, gain: float = 0.1) -> Exits:
    """Honest exits whose confidence grows with depth; the last is right `gain` more often than half-sure early ones."""
    random = np.random.default_rng(seed)
    ease = random.random((rows, 1))
    depth = np.linspace(0.2, 1, 12)
    confidence = 0.5 + 0.5 * np.clip(ease * depth + gain * depth, 0, 0.999)
    return Exits(confidence, random.random((rows, 12)) < confidence)
