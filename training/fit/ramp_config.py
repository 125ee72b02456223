"""What a run of training.ramps may be told."""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from training.fit.config import CHECKED, Count, NotNegative, Positive, Share, ShareBelowOne


@dataclass(frozen=True, config=CHECKED)
class RampConfig:
    """The fields that a JSON file may replace.

    `heads`: of the attention pooling; 0 lets the ramps stay what they are and go on learning. `task_shares`: the part
    of a task's rows that is learnt from, 1 where unnamed. `cross_weight`: how much a row counts for the classifiers of
    the other tasks that read as many texts. The rate rises for the share `warm_up` of a ramp's steps, then falls
    linearly. `precision`: of the body's products, "float32" or "bf16" (bfloat16 autocast); ramps learn in float32.
    """

    seed: int = 2413
    heads: Annotated[int, Field(ge=0)] = 24
    epochs: Count = 6
    batch_rows: Count = 256
    peak_rate: Positive = 4e-3
    warm_up: ShareBelowOne = 0.05
    weight_decay: NotNegative = 0.01
    gradient_norm: Positive = 1.0
    dropout: ShareBelowOne = 0.1
    cross_weight: NotNegative = 0.1
    task_shares: Mapping[str, Share] = field(default_factory=dict)
    precision: Literal["float32", "bf16"] = "bf16"

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of step 0 … steps − 1."""
        rising = max(1, round(self.warm_up * steps))
        return self.peak_rate * min((step + 1) / rising, (steps - step) / steps)
