"""A small predictor per exit of whether that exit is right (after BERxiT's learning to exit, Xin et al., EACL 2021)."""

import numpy as np

from training.calibration.logistic import fit_logistic

FEATURES = ("confidenceLogit", "margin", "agreement", "run", "previousConfidenceLogit")
_LARGEST_LOGIT = 10.0


def exit_features(probabilities: np.ndarray) -> np.ndarray:
    """Return FEATURES of every exit, [rows, layers, 5], from calibrated probabilities [rows, layers, classes].

    confidenceLogit: ln(p / (1 − p)) of the top class, within ±10; margin: the top two classes' difference; agreement:
    1 where the exit before has the same label; run: how many exits in a row, up to this one, have this label, over
    the number of layers; previousConfidenceLogit: that of the exit before. The first exit has 0 for the one before it.
    """
    rows, layers, _ = probabilities.shape
    ordered = np.sort(probabilities, axis=2)
    top, second = ordered[:, :, -1], ordered[:, :, -2]
    tiny = np.finfo(np.float64).tiny
    logit = np.log(np.maximum(top, tiny)) - np.log(np.maximum(1 - top, tiny))
    logit = np.clip(logit, -_LARGEST_LOGIT, _LARGEST_LOGIT)
    labels = probabilities.argmax(axis=2)
    agreement, run, previous = (np.zeros((rows, layers)) for _ in range(3))
    run[:, 0] = 1
    for layer in range(1, layers):
        agreement[:, layer] = labels[:, layer] == labels[:, layer - 1]
        run[:, layer] = np.where(agreement[:, layer] > 0, run[:, layer - 1] + 1, 1)
        previous[:, layer] = logit[:, layer - 1]
    return np.stack([logit, top - second, agreement, run / layers, previous], axis=2)


def fit_learned_exit(features: np.ndarray, correct: np.ndarray) -> np.ndarray:
    """Return one row of weights an exit, bias last, [layers, 6]: logistic regression of being right, ridge 1.

    `features` [rows, layers, 5], `correct` [rows, layers] bool.
    """
    layers = features.shape[1]
    return np.stack([fit_logistic(features[:, layer], correct[:, layer]) for layer in range(layers)])
