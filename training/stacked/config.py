"""What training.teach and training.distil may be told to do differently."""

from dataclasses import field
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from training.fit.config import CHECKED, ByTask, Count, LayerWeights, NotNegative, Positive, Share, ShareBelowOne

_LEAST_RATE = 0.001


@dataclass(frozen=True, config=CHECKED)
class Recipe:
    """How one member of a stack is trained where members differ.

    `peak_rate`: the body's; `exit_weights`: one number a layer, divided by their sum; `dropout`: of the hidden states.
    `noise`: the largest standard deviation of the noise between layers, in root mean squares of a token's state.
    """

    name: Annotated[str, Field(min_length=1)] = "plain"
    peak_rate: Positive = 1e-4
    exit_weights: LayerWeights = "layer"
    dropout: ShareBelowOne = 0.1
    noise: NotNegative = 0.0


@dataclass(frozen=True, config=CHECKED)
class StackConfig:
    """The defaults, and the fields that a --config JSON file may replace: what all members have in common.

    `epochs` fixes the length of the schedule and may be a fraction. `batch_rows`: rows of each member in a step. The
    rate rises for the share `warm_up` of all steps, then falls linearly; `ramp_rate`: the ramps', in units of the
    body's. `distillation_weight`: how much matching the last exit's probabilities at temperature 2 counts beside each
    earlier exit's cross-entropy. `shared_rows_weight`: how much rows of MNLI count for RTE's classifier beside their
    own (`glue.SHARED_ROWS`). `task_shares`: how often a task's rows come in an epoch, 1 where unnamed. `noise_layers`
    (1-based): half the rows get noise, each after one of these. `recipes`: where members differ.
    """

    seed: int = 2410
    epochs: Positive = 3.0
    batch_rows: Count = 64
    warm_up: ShareBelowOne = 0.08
    ramp_rate: Positive = 3.0
    ramp_dropout: ShareBelowOne = 0.1
    distillation_weight: NotNegative = 0.0
    shared_rows_weight: NotNegative = 0.5
    task_shares: ByTask = field(default_factory=dict)
    noise_layers: tuple[Count, ...] = ()
    recipes: Annotated[tuple[Recipe, ...], Field(min_length=1)] = field(default_factory=lambda: (Recipe(),))

    @model_validator(mode="after")
    def _members_can_be_told_apart(self) -> Self:
        names = [recipe.name for recipe in self.recipes]
        if len(set(names)) < len(names):
            raise ValueError(f"expected recipes each with a name of its own, got {names}")
        if any(recipe.noise for recipe in self.recipes) and not self.noise_layers:
            raise ValueError("expected noise_layers where a recipe has noise")
        return self

    def rate_factor(self, step: int, steps: int) -> float:
        """Return the rate of step 0 … steps − 1 in units of the peak's: at least a thousandth."""
        done = step / steps
        factor = done / self.warm_up if done < self.warm_up else (1 - done) / (1 - self.warm_up)
        return max(factor, _LEAST_RATE)


@dataclass(frozen=True, config=CHECKED)
class TeacherConfig(StackConfig):
    """Also `folds`, which each recipe is trained for, and how the copies of the rows are corrupted.

    `corrupted_shares`: for each copy, the share of the words that are replaced: by one of the `nearest_words` nearest
    words or, for the share `masked_share` of them, by [MASK].
    """

    folds: Annotated[int, Field(ge=2)] = 4
    corrupted_shares: tuple[Share, ...] = (0.15, 0.25, 0.35)
    nearest_words: Count = 8
    masked_share: Share = 0.2


@dataclass(frozen=True, config=CHECKED)
class StudentConfig(StackConfig):
    """Also what the students learn from the teachers, and how one of them is chosen.

    `gold_share`: of the gold label in a row's target, beside the teachers' probabilities. `cross_weight`: how much a
    pair of texts counts for the classifiers of the other tasks on pairs. `copy_shares`: like `task_shares`, of the
    corrupted copies, in units of the task's own rows. `averages`: the students, by their places among `recipes`, whose
    mean weights are measured too. `score_weights`: one number a layer, divided by their sum: what an exit's accuracy
    counts.
    """

    gold_share: Share = 0.5
    cross_weight: NotNegative = 0.1
    copy_shares: ByTask = field(default_factory=dict)
    averages: tuple[Annotated[tuple[int, ...], Field(min_length=2)], ...] = ()
    score_weights: LayerWeights = "layer"

    @model_validator(mode="after")
    def _averages_are_of_recipes(self) -> Self:
        places = range(len(self.recipes))
        if any(place not in places for group in self.averages for place in group):
            raise ValueError(
                f"expected averages of places 0 to {len(places) - 1} among the recipes, got {self.averages}"
            )
        return self
