"""How a stack learns: losses, steps, and what stops it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from training.data.glue import TASKS
from training.data.tasks import class_slices
from training.fit.objective import ladder_loss
from training.fit.training_config import TrainingConfig
from training.stacked.adamw import BETAS, EPSILON, GRADIENT_NORM, WEIGHT_DECAY, StackedAdamW
from training.stacked.config import Recipe, StackConfig
from training.stacked.evaluation import class_probabilities, exit_accuracies
from training.stacked.loss import stacked_loss
from training.stacked.rows import (
    RowTable,
    task_pools,
)
from training.stacked.stack import Stack
from training.stacked.trainer import StackTrainer
from training.stacked.weights import read_ladder, start_from_encoder
from training.tests.stacked.shared import CPU
from training.tests.tiny.weights import LAYERS

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("distillation", [0.0, 0.5])
def test_loss_of_one_task_is_that_of_one_model(distillation: float) -> None:
    random = torch.Generator().manual_seed(0)
    (start, end), place = class_slices(TASKS)["mnli"], [task.key for task in TASKS].index("mnli")
    logits = torch.randn(2, 5, LAYERS, 15, generator=random)
    gold = torch.tensor([[0, 1, 2, 0, 1], [2, 2, 1, 0, 1]])
    targets, weights = torch.zeros(2, 5, 15), torch.zeros(2, 5, len(TASKS))
    targets[:, :, start:end] = torch.nn.functional.one_hot(gold, 3).float()
    weights[:, :, place] = 0.3
    exit_weights = torch.tensor([[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]])
    given = torch.tensor(distillation) if distillation else None
    found = stacked_loss(logits, targets, weights, exit_weights, given)
    config = TrainingConfig(distillation_weight=distillation)
    for member in range(2):
        expected = ladder_loss(logits[member, :, :, start:end], gold[member], exit_weights[member], config)
        torch.testing.assert_close(found[member], expected)


def test_tasks_count_by_their_weights() -> None:
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(1, 2, LAYERS, 15, generator=random)
    targets = class_probabilities(torch.randn(1, 2, 15, generator=random))
    exit_weights = torch.tensor([[0.2, 0.3, 0.5]])
    both, parts = torch.zeros(1, 2, len(TASKS)), []
    for row, task, weight in ((0, 1, 1.0), (0, 4, 0.5), (1, 6, 0.25)):
        both[0, row, task] = weight
        one = torch.zeros_like(both)
        one[0, row, task] = 1.0
        parts.append((weight, stacked_loss(logits, targets, one, exit_weights, None)))
    expected = sum(weight * loss for weight, loss in parts) / 1.75
    torch.testing.assert_close(stacked_loss(logits, targets, both, exit_weights, None), expected)


def test_steps_are_adamws_and_a_rate_of_zero_moves_nothing(encoder: Path) -> None:
    ladder = read_ladder(encoder, CPU)
    stack = Stack(ladder.shape, start_from_encoder(encoder, ladder.shape, 2, seed=5), 2, CPU)
    still = stack.values[0].clone()
    single = {name: torch.nn.Parameter(v[1].clone()) for name, v in stack.views(torch.float32).items()}
    groups = [
        {
            "params": [value],
            "lr": 1e-3 * (3 if name.startswith("exit_ramps.") else 1),
            "weight_decay": WEIGHT_DECAY if len(value) > 1 else 0.0,
        }
        for name, value in single.items()
    ]
    theirs, ours = torch.optim.AdamW(groups, betas=BETAS, eps=EPSILON), StackedAdamW(stack, ramp_rate=3.0)
    random = torch.Generator().manual_seed(0)
    # The sum of squares is above 1 in the first step, which is clipped, and below in the second.
    for size in (1.0, 1e-4):
        gradients = {n: torch.randn(2, *v.shape, generator=random) * size for n, v in single.items()}
        gradients["exit_ramps.0.pooler.weight"][0] *= 1000
        ours.step(gradients, torch.tensor([[0.0], [1e-3]]))
        for name, value in single.items():
            value.grad = gradients[name][1].clone()
        torch.nn.utils.clip_grad_norm_(single.values(), GRADIENT_NORM)
        theirs.step()
        torch.testing.assert_close(stack.values[0], still, rtol=0, atol=0)
        for name, value in stack.views(torch.float32).items():
            torch.testing.assert_close(value[1], single[name].data, rtol=1e-5, atol=1e-7)


def test_accuracy_is_of_each_tasks_own_classes(calibration: RowTable) -> None:
    scores = calibration.targets.unsqueeze(1).repeat(1, 2, 1)
    scores[:, 1] = 1 - scores[:, 1]
    assert set(exit_accuracies(scores, calibration)) == {task.key for task in TASKS}
    assert exit_accuracies(scores, calibration)["qnli"] == [100.0, 0.0]


def test_a_loss_that_is_no_number_names_the_member(encoder: Path, calibration: RowTable) -> None:
    ladder = read_ladder(encoder, CPU)
    recipes = [Recipe(name, peak_rate=rate, exit_weights=(1, 1, 1)) for name, rate in (("calm", 1e-4), ("wild", 1e38))]
    stack = Stack(ladder.shape, start_from_encoder(encoder, ladder.shape, 2, seed=5), 2, CPU)
    pools = task_pools(calibration, {}, np.ones(len(calibration), bool))
    trainer = StackTrainer(stack, ladder, calibration, [pools] * 2, recipes, StackConfig(batch_rows=16, warm_up=0.0))
    with pytest.raises(FloatingPointError, match="of wild by step"):
        trainer.run()


def test_what_does_not_fit_the_model_is_refused_before_training(encoder: Path, calibration: RowTable) -> None:
    ladder = read_ladder(encoder, CPU)
    stack = Stack(ladder.shape, start_from_encoder(encoder, ladder.shape, 1, seed=5), 1, CPU)
    pools = [task_pools(calibration, {}, np.ones(len(calibration), bool))]
    fitting = Recipe(exit_weights=(1, 1, 1))
    for recipe, config, problem in (
        (Recipe(exit_weights=(1,) * 12), StackConfig(), "expected 3 weights, one a layer, got 12"),
        (replace(fitting, noise=0.1), StackConfig(), "noise_layers below the last of 3 layers"),
        (fitting, StackConfig(batch_rows=10_000), "at least 10000 rows a member in an epoch"),
    ):
        with pytest.raises(ValueError, match=problem):
            StackTrainer(stack, ladder, calibration, pools, [recipe], config)
