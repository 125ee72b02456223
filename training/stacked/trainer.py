"""The training loop of a stack: all members take their steps side by side."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from training.fit.config import shares_of_layers
from training.fit.progress import Progress
from training.stacked.adamw import StackedAdamW
from training.stacked.config import Recipe, StackConfig
from training.stacked.loss import stacked_loss
from training.stacked.model import Disturbance, Ladder, ladder_logits
from training.stacked.rows import PlannedStep, Pool, RowTable, drawn_rows, plan_steps
from training.stacked.stack import Stack

_CHECKED_EVERY = 100


class StackTrainer:
    """Trains a stack in place.

    On a CPU the same inputs, config, thread count and package versions give the same bytes; an accelerator adds up in
    no fixed order.
    """

    def __init__(
        self,
        stack: Stack,
        ladder: Ladder,
        table: RowTable,
        pools: Sequence[Sequence[Pool]],
        recipes: Sequence[Recipe],
        config: StackConfig,
    ) -> None:
        """Prepare step 0. `pools`: what each member draws its rows of `table` from; `recipes`: one a member.

        Raises ValueError for exit weights or noise that do not fit the layers, and for fewer rows than a batch.
        """
        self._stack, self._ladder, self._table = stack, ladder, table
        self._pools, self._recipes, self._config = pools, recipes, config
        layers = ladder.shape.layers
        self._rates = self._tensor([recipe.peak_rate for recipe in recipes]).view(-1, 1)
        self._dropout = self._tensor([recipe.dropout for recipe in recipes]).view(-1, 1, 1)
        self._ramp_dropout = torch.full_like(self._dropout, config.ramp_dropout)
        self._noise = self._tensor([recipe.noise for recipe in recipes]).view(-1, 1)
        self._exit_weights = self._tensor([shares_of_layers(recipe.exit_weights, layers) for recipe in recipes])
        weight = config.distillation_weight
        self._distillation_weight = self._tensor(weight) if weight else None
        self._has_noise = any(recipe.noise for recipe in recipes)
        if self._has_noise and max(config.noise_layers, default=layers) >= layers:
            raise ValueError(f"expected noise_layers below the last of {layers} layers, got {config.noise_layers}")
        self._lengths = table.lengths.cpu().numpy()
        epoch_steps = len(self._plan(0))
        if not epoch_steps:
            raise ValueError(f"expected at least {config.batch_rows} rows a member in an epoch; lower batch_rows")
        self.steps = max(1, round(epoch_steps * config.epochs))

    def run(self, on_epoch: Callable[[int], None] | None = None) -> None:
        """Train to the end; call `on_epoch` with 1, 2, … after every epoch, the last of which may be a part.

        Raises FloatingPointError where a member's loss is no finite number; this is looked up now and then.
        """
        torch.manual_seed(self._config.seed)
        optimiser = StackedAdamW(self._stack, self._config.ramp_rate)
        progress = Progress(self.steps)
        step, epoch = 0, 0
        while step < self.steps:
            for planned in self._plan(epoch)[: self.steps - step]:
                factor = self._config.rate_factor(step, self.steps)
                losses = self._step(planned, optimiser, factor)
                if step % _CHECKED_EVERY == 0 or step + 1 == self.steps:
                    self._expect_finite("loss", losses, step)
                    loss = losses.mean().item()
                rate = factor * max(recipe.peak_rate for recipe in self._recipes)
                progress.step(step, epoch, int(self._lengths[planned.rows].sum()), loss, rate)
                step += 1
            epoch += 1
            if on_epoch is not None:
                on_epoch(epoch)
        self._expect_finite("sum of weights", self._stack.values.sum(dim=1), self.steps - 1)

    def _step(self, planned: PlannedStep, optimiser: StackedAdamW, factor: float) -> Tensor:
        """Take one step; return the members' losses before it."""
        rows = torch.from_numpy(planned.rows).to(self._rates.device)
        words = self._table.words(rows, planned.width)
        disturbance = Disturbance(self._dropout, self._ramp_dropout, self._drawn_noise(rows))
        views = self._stack.views(self._ladder.word_table.dtype, learning=True)
        logits = ladder_logits(views, self._ladder, words, disturbance)
        targets, weights = self._table.targets[rows], self._table.weights[rows]
        losses = stacked_loss(logits, targets, weights, self._exit_weights, self._distillation_weight)
        gradients = torch.autograd.grad(losses.sum(), list(views.values()))
        optimiser.step(dict(zip(views, gradients, strict=True)), self._rates * factor)
        return losses.detach()

    def _drawn_noise(self, rows: Tensor) -> dict[int, Tensor]:
        """By layer, the deviations [members, batch]: half the rows get one, after a layer drawn for each."""
        if not self._has_noise:
            return {}
        layers = self._config.noise_layers
        drawn = torch.randint(0, 2 * len(layers), rows.shape, device=rows.device)
        deviations = self._noise * torch.rand(rows.shape, device=rows.device)
        return {layer: torch.where(drawn == place, deviations, 0.0) for place, layer in enumerate(layers)}

    def _plan(self, epoch: int) -> list[PlannedStep]:
        random = np.random.default_rng([self._config.seed, epoch])
        drawn = [drawn_rows(pools, random) for pools in self._pools]
        return plan_steps(self._lengths, drawn, self._config.batch_rows, random)

    def _expect_finite(self, what: str, found: Tensor, step: int) -> None:
        for recipe, number in zip(self._recipes, found.tolist(), strict=True):
            if not math.isfinite(number):
                raise FloatingPointError(
                    f"expected a finite {what} of {recipe.name} by step {step + 1}, got {number}; lower its peak_rate"
                )

    def _tensor(self, values: object) -> Tensor:
        return torch.tensor(values, dtype=torch.float32, device=self._stack.values.device)
