"""Logistic regression by Newton's method."""

import numpy as np

_STEPS = 30
# A step that moves no weight by more ends the search: far below what is written of weights.
_STILL = 1e-12


def fit_logistic(features: np.ndarray, target: np.ndarray, ridge: float = 1.0) -> np.ndarray:
    """Return weights [features + 1], the bias last and not shrunk.

    `features` [rows, features], `target` [rows] bool. Minimises the summed log loss plus ridge / 2 times the squared
    weights, from zero.
    """
    inputs = _with_bias(features)
    penalty = np.diag([ridge] * features.shape[1] + [1e-6])
    weights = np.zeros(inputs.shape[1])
    for _ in range(_STEPS):
        predicted = _sigmoid(inputs @ weights)
        gradient = inputs.T @ (predicted - target) + penalty @ weights
        curvature = (inputs * (predicted * (1 - predicted))[:, np.newaxis]).T @ inputs + penalty
        step = np.linalg.solve(curvature, gradient)
        weights = weights - step
        if np.abs(step).max() < _STILL:
            break
    return weights


def predict_logistic(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the probability of the target being true, [rows]."""
    return _sigmoid(_with_bias(features) @ weights)


def _with_bias(features: np.ndarray) -> np.ndarray:
    return np.concatenate([features, np.ones((len(features), 1))], axis=1)


def _sigmoid(value: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(value, -30, 30)))
