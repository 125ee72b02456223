"""What a run of training.ramps may be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from training.config_checks import are_of_tasks, expect_fields, read_changes

_PRECISIONS = ("float32", "bf16")


@dataclass(frozen=True)
class RampConfig:
    """The fields that a JSON file may replace.

    `heads`: of the attention pooling; 0 lets the ramps stay what they are and go on learning. `task_shares`: the part of
    a task's rows that is learnt from, 1 where unnamed. `cross_weight`: how much a row counts for the classifiers of the
    other tasks that read as many texts. The rate rises for the share `warm_up` of a ramp's steps, then falls linearly.
    `precision`: of the body's products, "float32" or "bf16" (bfloat16 autocast); ramps learn in float32.
    """

    seed: int = 2413
    heads: int = 24
    epochs: int = 6
    batch_rows: int = 256
    peak_rate: float = 4e-3
    warm_up: float = 0.05
    weight_decay: float = 0.01
    gradient_norm: float = 1.0
    dropout: float = 0.1
    cross_weight: float = 0.1
    task_shares: Mapping[str, float] = field(default_factory=dict)
    precision: str = "bf16"

    def __post_init__(self) -> None:
        """Raise ValueError for a value out of range, naming the field, the range and the value."""
        shares = self.task_shares
        checks = {
            "heads": (self.heads >= 0, "at least 0"),
            "epochs": (self.epochs >= 1, "at least 1"),
            "batch_rows": (self.batch_rows >= 1, "at least 1"),
            "peak_rate": (self.peak_rate > 0, "above 0"),
            "warm_up": (0 <= self.warm_up < 1, "from 0 to below 1"),
            "weight_decay": (self.weight_decay >= 0, "at least 0"),
            "gradient_norm": (self.gradient_norm > 0, "above 0"),
            "dropout": (0 <= self.dropout < 1, "from 0 to below 1"),
            "cross_weight": (self.cross_weight >= 0, "at least 0"),
            "task_shares": (
                are_of_tasks(shares) and max(shares.values(), default=0) <= 1,
                "task keys with shares from 0 to 1",
            ),
            "precision": (self.precision in _PRECISIONS, f"one of {_PRECISIONS}"),
        }
        expect_fields(self, checks)

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of step 0 … steps − 1."""
        rising = max(1, round(self.warm_up * steps))
        return self.peak_rate * min((step + 1) / rising, (steps - step) / steps)


def read_ramp_config(path: Path | None) -> RampConfig:
    """Read a JSON object of fields to replace; no path gives the defaults. Raises ValueError for an unknown field."""
    return RampConfig(**read_changes(path, RampConfig))
