"""What training.teach and training.distil may be told to do differently."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from training.config_checks import are_of_tasks, are_weights, expect_fields

_Part = TypeVar("_Part")
_LEAST_RATE = 0.001


@dataclass(frozen=True)
class Recipe:
    """How one member of a stack is trained where members differ.

    `peak_rate`: the body's; `exit_weights`: one number a layer, divided by their sum; `dropout`: of the hidden states.
    `noise`: the largest standard deviation of the noise between layers, in root mean squares of a token's state.
    """

    name: str = "plain"
    peak_rate: float = 1e-4
    exit_weights: tuple[float, ...] = (0.3, 0.6, 1.2, 2.5, 2.5, 3.5, 1.5, 1.5, 1, 1, 1, 4)
    dropout: float = 0.1
    noise: float = 0.0

    def __post_init__(self) -> None:
        """Raise ValueError for a value out of range, naming the field, the range and the value."""
        checks = {
            "name": (isinstance(self.name, str) and self.name != "", "a text"),
            "peak_rate": (self.peak_rate > 0, "above 0"),
            "exit_weights": (are_weights(self.exit_weights), "one number ≥ 0 a layer, not all 0"),
            "dropout": (0 <= self.dropout < 1, "from 0 to below 1"),
            "noise": (self.noise >= 0, "at least 0"),
        }
        expect_fields(self, checks)


@dataclass(frozen=True)
class StackConfig:
    """The defaults, and the fields that a --config JSON file may replace: what all members have in common.

    `epochs` fixes the length of the schedule and may be a fraction. `batch_rows`: rows of each member in a step. The
    rate rises for the share `warm_up` of all steps, then falls linearly; `ramp_rate`: the ramps', in units of the
    body's. `distillation_weight`: how much matching the last exit's probabilities at temperature 2 counts beside each
    earlier exit's cross-entropy. `shared_rows_weight`: how much rows of MNLI count for RTE's classifier beside their
    own (`tasks.SHARED_ROWS`). `task_shares`: how often a task's rows come in an epoch, 1 where unnamed. `noise_layers`
    (1-based): half the rows get noise, each after one of these. `recipes`: where members differ.
    """

    seed: int = 2410
    epochs: float = 3.0
    batch_rows: int = 64
    warm_up: float = 0.08
    ramp_rate: float = 3.0
    ramp_dropout: float = 0.1
    distillation_weight: float = 0.0
    shared_rows_weight: float = 0.5
    task_shares: Mapping[str, float] = field(default_factory=dict)
    noise_layers: tuple[int, ...] = (3, 4, 5, 6)
    recipes: tuple[Recipe, ...] = field(default_factory=lambda: (Recipe(),))

    def __post_init__(self) -> None:
        """Raise ValueError for a value out of range, naming the field, the range and the value."""
        names = [recipe.name for recipe in self.recipes]
        checks = {
            "epochs": (0 < self.epochs < float("inf"), "above 0"),
            "batch_rows": (self.batch_rows >= 1, "at least 1"),
            "warm_up": (0 <= self.warm_up < 1, "from 0 to below 1"),
            "ramp_rate": (self.ramp_rate > 0, "above 0"),
            "ramp_dropout": (0 <= self.ramp_dropout < 1, "from 0 to below 1"),
            "distillation_weight": (self.distillation_weight >= 0, "at least 0"),
            "shared_rows_weight": (self.shared_rows_weight >= 0, "at least 0"),
            "task_shares": (are_of_tasks(self.task_shares), "task keys with shares ≥ 0"),
            "noise_layers": (min(self.noise_layers, default=0) >= 1, "layers from 1 on, at least one"),
            "recipes": (0 < len(set(names)) == len(names), "at least one, each with a name of its own"),
        }
        expect_fields(self, checks)

    def rate_factor(self, step: int, steps: int) -> float:
        """Return the rate of step 0 … steps − 1 in units of the peak's: at least a thousandth."""
        done = step / steps
        factor = done / self.warm_up if done < self.warm_up else (1 - done) / (1 - self.warm_up)
        return max(factor, _LEAST_RATE)


@dataclass(frozen=True)
class TeacherConfig(StackConfig):
    """Also `folds`, which each recipe is trained for, and how the copies of the rows are corrupted.

    `corrupted_shares`: for each copy, the share of the words that are replaced: by one of the `nearest_words` nearest
    words or, for the share `masked_share` of them, by [MASK].
    """

    folds: int = 4
    corrupted_shares: tuple[float, ...] = (0.15, 0.25, 0.35)
    nearest_words: int = 8
    masked_share: float = 0.2

    def __post_init__(self) -> None:
        """Raise ValueError for a value out of range, naming the field, the range and the value."""
        super().__post_init__()
        shares_fit = all(0 <= share <= 1 for share in self.corrupted_shares)
        checks = {
            "folds": (self.folds >= 2, "at least 2, so that every row has a teacher that did not see it"),
            "corrupted_shares": (
                isinstance(self.corrupted_shares, tuple) and shares_fit,
                "a list of shares from 0 to 1",
            ),
            "nearest_words": (self.nearest_words >= 1, "at least 1"),
            "masked_share": (0 <= self.masked_share <= 1, "from 0 to 1"),
        }
        expect_fields(self, checks)


@dataclass(frozen=True)
class StudentConfig(StackConfig):
    """Also what the students learn from the teachers, and how one of them is chosen.

    `gold_share`: of the gold label in a row's target, beside the teachers' probabilities. `cross_weight`: how much a
    pair of texts counts for the classifiers of the other tasks on pairs. `copy_shares`: like `task_shares`, of the
    corrupted copies, in units of the task's own rows. `averages`: the students, by their places among `recipes`, whose
    mean weights are measured too. `score_weights`: one number a layer, divided by their sum: what an exit's accuracy
    counts.
    """

    gold_share: float = 0.5
    cross_weight: float = 0.1
    copy_shares: Mapping[str, float] = field(default_factory=dict)
    averages: tuple[tuple[int, ...], ...] = ()
    score_weights: tuple[float, ...] = (0, 0, 0, 0.15, 0.15, 0.3, 0, 0, 0, 0, 0, 0.4)

    def __post_init__(self) -> None:
        """Raise ValueError for a value out of range, naming the field, the range and the value."""
        super().__post_init__()
        places = set(range(len(self.recipes)))
        checks = {
            "gold_share": (0 <= self.gold_share <= 1, "from 0 to 1"),
            "cross_weight": (self.cross_weight >= 0, "at least 0"),
            "copy_shares": (are_of_tasks(self.copy_shares), "task keys with shares ≥ 0"),
            "averages": (
                all(len(group) > 1 and set(group) <= places for group in self.averages),
                f"lists of at least two places among the recipes, 0 to {len(places) - 1}",
            ),
            "score_weights": (are_weights(self.score_weights), "one number ≥ 0 a layer, not all 0"),
        }
        expect_fields(self, checks)


def read_stacked_config(path: Path | None, kind: type[_Part]) -> _Part:
    """Read a JSON object of fields to replace; no path gives the defaults. Raises ValueError as `stacked_config`."""
    return stacked_config({} if path is None else json.loads(path.read_text(encoding="utf-8")), kind)


def stacked_config(changes: Mapping[str, Any], kind: type[_Part]) -> _Part:
    """Return a config of this kind from parsed JSON. Raises ValueError for an unknown field or a bad value."""
    known = {entry.name for entry in fields(kind)}
    if unknown := sorted(set(changes) - known):
        raise ValueError(f"expected {kind.__name__} fields among {sorted(known)}, got {unknown}")
    values = {name: _tuples(value) for name, value in changes.items()}
    if "recipes" in values:
        values["recipes"] = tuple(stacked_config(recipe, Recipe) for recipe in values["recipes"])
    return kind(**values)


def shares_of_layers(weights: Sequence[float], layers: int) -> list[float]:
    """Return one weight a layer, summing to 1. Raises ValueError for another number of weights."""
    if len(weights) != layers:
        raise ValueError(f"expected {layers} weights, one a layer, got {len(weights)}: {list(weights)}")
    return [weight / sum(weights) for weight in weights]


def _tuples(value: object) -> object:
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value
