"""What a training run may be told to do differently."""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from training.fit.config import CHECKED, ByTask, Count, LayerWeights, NotNegative, Positive, ShareBelowOne


@dataclass(frozen=True, config=CHECKED)
class TrainingConfig:
    """The defaults, and the fields that a --config JSON file may replace.

    `epochs` also fixes the length of the schedule; `last_step` stops a run before its end (0: never). `batch_rows`:
    rows of one task in a batch. `peak_rate` is reached after the share `warm_up` of all steps, then falls linearly to
    0. `exit_weights`: "layer" (a layer's number), "uniform", or one number a layer; they are divided by their sum.
    `distillation_weight`: how much matching the last exit's probabilities at `distillation_temperature` counts beside
    each earlier exit's cross-entropy.
    `shared_rows_weight`: how much rows of MNLI count for RTE's classifier beside their own (`glue.SHARED_ROWS`).
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
    epochs: Count = 4
    last_step: Annotated[int, Field(ge=0)] = 0
    batch_rows: Count = 48
    peak_rate: Positive = 1.2e-4
    warm_up: ShareBelowOne = 0.06
    weight_decay: NotNegative = 0.01
    gradient_norm: Positive = 1.0
    ramp_dropout: ShareBelowOne = 0.1
    body_dropout: ShareBelowOne = 0.0
    ramp_rate: Positive = 1.0
    shared_rows_weight: NotNegative = 0.0
    label_smoothing: ShareBelowOne = 0.0
    exit_weights: LayerWeights = "layer"
    distillation_weight: NotNegative = 0.5
    distillation_temperature: Positive = 2.0
    task_shares: ByTask = field(default_factory=dict)
    masked_words: Mapping[str, ShareBelowOne] = field(default_factory=dict)
    consistency: ByTask = field(default_factory=dict)
    frozen_words: bool = False
    precision: Literal["float32", "bf16"] = "float32"
    checkpoint_seconds: NotNegative = 300.0
    alternating: bool = False
    gradient_equilibrium: bool = False
    frozen_body: bool = False

    @model_validator(mode="after")
    def _balanced_where_the_body_learns(self) -> Self:
        if self.gradient_equilibrium and self.frozen_body:
            raise ValueError("expected gradient_equilibrium to be false where the body is frozen")
        return self

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of step 0 … steps − 1: a function of the step, so there is no state to keep."""
        rising = max(1, round(self.warm_up * steps))
        if step < rising:
            return self.peak_rate * (step + 1) / rising
        return self.peak_rate * (steps - step) / max(1, steps - rising)
