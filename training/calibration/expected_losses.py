"""What leaving at an exit is expected to lose to the last exit, given the exit's confidence."""

from collections.abc import Collection, Mapping

import numpy as np

from training.calibration.cascade import Exits
from training.calibration.logistic import fit_logistic, predict_logistic

_SMALLEST = 1e-4
# How far a task is thought to lie from the others, in units of log odds, before its rows are looked at.
_TASK_DEVIATION = 0.5
# From what is always reached, as three classes leave one of them a third.
_ASKED = np.round(np.arange(0.33, 1.0, 0.001), 3)


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


class PooledLosses:
    """The same as `expected_losses` for several tasks with as many layers each, learnt from all of them together.

    A row loses or gains where just one of the two exits is right. How often that is the case follows from a task's own
    rows: a logistic regression an exit. Which of the two it is, a few hundred rows tell badly: 30 such rows are
    uncertain by 9 % either way. So one logistic regression tells it for all tasks and exits, by confidence, depth and
    task, and a task with few rows stays near the others (ridge).
    """

    def __init__(self, tasks: Mapping[str, Exits], unseen: str | None = None) -> None:
        """Fit to these rows; `unseen` names a task beside them of which nothing is known but that it is like them."""
        self._layers = next(iter(tasks.values())).layers
        self._kinds = {task: _TASK_DEVIATION * np.eye(len(tasks))[place] for place, task in enumerate(tasks)}
        self._changed: dict[str, list[np.ndarray]] = {}
        features, last_is_right = [], []
        for task, exits in tasks.items():
            last, log_odds = exits.correct[:, -1], _log_odds(exits.confidence)
            changed = exits.correct != last[:, np.newaxis]
            early = range(self._layers - 1)
            self._changed[task] = [fit_logistic(log_odds[:, [layer]], changed[:, layer]) for layer in early]
            features += [self._features(task, layer, log_odds[changed[:, layer], layer]) for layer in early]
            last_is_right += [last[changed[:, layer]] for layer in early]
        self._direction = fit_logistic(np.concatenate(features), np.concatenate(last_is_right))
        if unseen is not None:
            self._kinds[unseen] = np.zeros(len(tasks))
            self._changed[unseen] = _changed_anywhere(tasks.values())

    def of(self, task: str, confidence: np.ndarray) -> np.ndarray:
        """Return P(last exit right) − P(this exit right) given `confidence` [rows, layers], of its shape."""
        log_odds = _log_odds(confidence)
        losses = self.changed(task, confidence)
        for layer in range(self._layers - 1):
            is_last = predict_logistic(self._features(task, layer, log_odds[:, layer]), self._direction)
            losses[:, layer] *= 2 * is_last - 1
        return losses

    def changed(self, task: str, confidence: np.ndarray) -> np.ndarray:
        """Return P(just one of this and the last exit is right) given `confidence` [rows, layers], of its shape."""
        log_odds = _log_odds(confidence)
        early = [predict_logistic(log_odds[:, [layer]], fit) for layer, fit in enumerate(self._changed[task])]
        return np.stack([*early, np.zeros(len(confidence))], axis=1)

    def thresholds(self, task: str, limits: np.ndarray) -> np.ndarray:
        """Return [limits, layers]: the least confidence from which on an exit is expected to lose no more than a limit.

        In steps of 0.001; 1, which is never reached, where even 0.999 loses more.
        """
        asked = np.tile(_ASKED[:, np.newaxis], (1, self._layers))
        too_much = self.of(task, asked) > limits[:, np.newaxis, np.newaxis]
        highest = np.where(too_much.any(axis=1), len(_ASKED) - too_much[:, ::-1].argmax(axis=1), 0)
        return np.append(_ASKED, 1.0)[highest]

    def regressions(self, task: str) -> list[dict[str, dict[str, float]]]:
        """Return, of each exit but the last, the two regressions on ln(p / (1 − p)), each a weight and a bias.

        changes: whether just one of it and the last exit is right; lastIsRight: if so, whether the last one is.
        """
        slope, *_, bias = self._direction
        without_confidence = [self._features(task, layer, np.zeros(1))[0] for layer in range(self._layers - 1)]
        return [
            {"changes": _named(*changed), "lastIsRight": _named(slope, features @ self._direction[:-1] + bias)}
            for changed, features in zip(self._changed[task], without_confidence, strict=True)
        ]

    def _features(self, task: str, layer: int, log_odds: np.ndarray) -> np.ndarray:
        depth = np.full(len(log_odds), (layer + 1) / self._layers)
        return np.column_stack([log_odds, depth, np.tile(self._kinds[task], (len(log_odds), 1))])


def _changed_anywhere(tasks: Collection[Exits]) -> list[np.ndarray]:
    """The regressions on whether just one of two exits is right, learnt from the rows of all tasks."""
    log_odds = np.concatenate([_log_odds(exits.confidence) for exits in tasks])
    changed = np.concatenate([exits.correct != exits.correct[:, -1:] for exits in tasks])
    return [fit_logistic(log_odds[:, [layer]], changed[:, layer]) for layer in range(log_odds.shape[1] - 1)]


def _named(weight: float, bias: float) -> dict[str, float]:
    return {"weight": round(float(weight), 6), "bias": round(float(bias), 6)}


def _log_odds(confidence: np.ndarray) -> np.ndarray:
    clipped = np.clip(confidence, _SMALLEST, 1 - _SMALLEST)
    return np.log(clipped) - np.log1p(-clipped)
