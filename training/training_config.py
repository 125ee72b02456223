"""What a training run may be told to do differently."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from training.config_checks import are_of_tasks, are_weights, expect_fields, read_changes


@dataclass(frozen=True)
class TrainingConfig:
    """The defaults, and the fields that a --config JSON file may replace.

    `epochs` also fixes the length of the schedule; `last_step` stops a run before its end (0: never). `batch_rows`:
    rows of one task in a batch. `peak_rate` is reached after the share `warm_up` of all steps, then falls linearly to
    0. `exit_weights`: "layer" (a layer's number), "uniform", or one number a layer; they are divided by their sum.
    `distillation_weight`: how much matching the last exit's probabilities at `distillation_temperature` counts beside
    each earlier exit's cross-entropy.
    `shared_rows_weight`: how much rows of MNLI count for RTE's classifier beside their own (`tasks.SHARED_ROWS`).
    `body_dropout`: of the hidden states between layers; `ramp_rate`: the ramps' rate in units of the body's.
    `task_shares`: how often a task's rows come in an epoch, 1 where unnamed (0.5: another random half each epoch).
    `masked_words`: by task, the share of word pieces that are masked. `consistency`: by task, how much it counts that a
    row's two passes, under different dropout and masks, give the same probabilities (R-Drop, arXiv 2106.14448).
    `frozen_words`: the word table stays as it is.
    `precision`: "float32", or "bf16" for matrix products in bfloat16. `checkpoint_seconds`: time between checkpoints.
    Measured by training.study: `alternating` (the last exit alone in every other step), `gradient_equilibrium` (each
    layer learns from the mean, not the sum, of the exits above it) and `frozen_body` (only the ramps learn).
    """

    seed: int = 2410
    epochs: int = 4
    last_step: int = 0
    batch_rows: int = 48
    peak_rate: float = 1.2e-4
    warm_up: float = 0.06
    weight_decay: float = 0.01
    gradient_norm: float = 1.0
    ramp_dropout: float = 0.1
    body_dropout: float = 0.0
    ramp_rate: float = 1.0
    shared_rows_weight: float = 0.0
    label_smoothing: float = 0.0
    exit_weights: Literal["layer", "uniform"] | tuple[float, ...] = "layer"
    distillation_weight: float = 0.5
    distillation_temperature: float = 2.0
    task_shares: Mapping[str, float] = field(default_factory=dict)
    masked_words: Mapping[str, float] = field(default_factory=dict)
    consistency: Mapping[str, float] = field(default_factory=dict)
    frozen_words: bool = False
    precision: Literal["float32", "bf16"] = "float32"
    checkpoint_seconds: float = 300.0
    alternating: bool = False
    gradient_equilibrium: bool = False
    frozen_body: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError for a value out of range, naming the field, the range and the value."""
        checks = {
            "epochs": (self.epochs >= 1, "at least 1"),
            "last_step": (self.last_step >= 0, "at least 0"),
            "batch_rows": (self.batch_rows >= 1, "at least 1"),
            "peak_rate": (self.peak_rate > 0, "above 0"),
            "warm_up": (0 <= self.warm_up < 1, "from 0 to below 1"),
            "ramp_dropout": (0 <= self.ramp_dropout < 1, "from 0 to below 1"),
            "body_dropout": (0 <= self.body_dropout < 1, "from 0 to below 1"),
            "ramp_rate": (self.ramp_rate > 0, "above 0"),
            "shared_rows_weight": (self.shared_rows_weight >= 0, "at least 0"),
            "label_smoothing": (0 <= self.label_smoothing < 1, "from 0 to below 1"),
            "exit_weights": (
                self.exit_weights in ("layer", "uniform") or are_weights(self.exit_weights),
                "'layer', 'uniform' or one number ≥ 0 a layer, not all 0",
            ),
            "distillation_weight": (self.distillation_weight >= 0, "at least 0"),
            "distillation_temperature": (self.distillation_temperature > 0, "above 0"),
            "task_shares": (are_of_tasks(self.task_shares), "task keys with shares ≥ 0"),
            "masked_words": (
                are_of_tasks(self.masked_words) and max(self.masked_words.values(), default=0) < 1,
                "task keys with shares from 0 to below 1",
            ),
            "consistency": (are_of_tasks(self.consistency), "task keys with weights ≥ 0"),
            "frozen_words": (isinstance(self.frozen_words, bool), "true or false"),
            "precision": (self.precision in ("float32", "bf16"), "'float32' or 'bf16'"),
            "checkpoint_seconds": (self.checkpoint_seconds >= 0, "at least 0"),
            "alternating": (isinstance(self.alternating, bool), "true or false"),
            "gradient_equilibrium": (
                isinstance(self.gradient_equilibrium, bool) and not (self.gradient_equilibrium and self.frozen_body),
                "true or false, and false where the body is frozen",
            ),
            "frozen_body": (isinstance(self.frozen_body, bool), "true or false"),
        }
        expect_fields(self, checks)

    def layer_weights(self, layers: int) -> list[float]:
        """Return one weight a layer, summing to 1. Raises ValueError where the config lists another number of them."""
        if self.exit_weights == "layer":
            weights = [float(layer) for layer in range(1, layers + 1)]
        elif self.exit_weights == "uniform":
            weights = [1.0] * layers
        else:
            weights = [float(weight) for weight in self.exit_weights]
        if len(weights) != layers:
            raise ValueError(f"expected {layers} exit_weights, one a layer, got {len(weights)}")
        return [weight / sum(weights) for weight in weights]

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of step 0 … steps − 1: a function of the step, so there is no state to keep."""
        rising = max(1, round(self.warm_up * steps))
        if step < rising:
            return self.peak_rate * (step + 1) / rising
        return self.peak_rate * (steps - step) / max(1, steps - rising)


def read_config_file(path: Path | None) -> TrainingConfig:
    """Read a JSON object of fields to replace; no path gives the defaults. Raises ValueError for an unknown field."""
    changes = read_changes(path, TrainingConfig)
    if isinstance(changes.get("exit_weights"), list):
        changes["exit_weights"] = tuple(changes["exit_weights"])
    return TrainingConfig(**changes)
