"""Plans and thresholds chosen for all tasks together."""

import numpy as np
import pytest

from training.calibration.cascade import Exits
from training.calibration.thresholds import (
    Choice,
    JointChoice,
    OperatingPoint,
    Outcome,
    cheapest_within,
    choose_points,
    joint_choices,
    measure,
)
from training.tests.calibration.shared import PLAN


def surer(rows: int, seed: int, widest: float) -> Exits:
    """Rows that grow surer up to 0.98 from up to `widest` below; what gets right stays right."""
    random = np.random.default_rng(seed)
    missing = random.uniform(0, widest, (rows, 1)) * np.linspace(1, 0, 12) ** 2
    confidence = 0.98 - missing
    return Exits(confidence, random.random((rows, 1)) < confidence)


def test_a_joint_choice_gives_accuracy_up_where_it_buys_most() -> None:
    tasks = {"hard": surer(4000, seed=7, widest=0.45), "easy": surer(4000, seed=8, widest=0.05)}
    joint = cheapest_within(joint_choices(tasks, [PLAN]), 1.0, 5.0).choices
    alone = {task: choose_points(exits, PLAN, [1.0])[0] for task, exits in tasks.items()}

    def means(choices: dict[str, Choice]) -> tuple[float, float]:
        predicted = [choice.predicted for choice in choices.values()]
        return np.mean([one.loss_points for one in predicted]), np.mean([one.mean_cost for one in predicted])

    (loss, cost), (loss_alone, cost_alone) = means(joint), means(alone)
    assert loss <= 1.0 and loss <= loss_alone + 0.1 and cost < cost_alone
    assert joint["easy"].predicted.loss_points != pytest.approx(joint["hard"].predicted.loss_points, abs=0.1)


def test_a_joint_choice_is_more_careful_with_few_rows() -> None:
    tasks = {"many": surer(8000, seed=9, widest=0.4), "few": surer(150, seed=10, widest=0.4)}
    fresh = surer(20000, seed=11, widest=0.4)
    joint = cheapest_within(joint_choices(tasks, [PLAN]), 1.0, 2.0).choices
    on_fresh = {task: measure(choice.point, fresh) for task, choice in joint.items()}
    assert on_fresh["few"].mean_cost > on_fresh["many"].mean_cost
    assert on_fresh["few"].loss_points < on_fresh["many"].loss_points


def test_a_joint_choice_keeps_to_the_allowance_of_each_task() -> None:
    tasks = {"hard": surer(4000, seed=7, widest=0.45), "easy": surer(4000, seed=8, widest=0.05)}
    path = joint_choices(tasks, [PLAN])
    free, bounded = (cheapest_within(path, 1.0, on_a_task) for on_a_task in (5.0, 0.5))
    assert max(free.foretold_losses) > 0.5
    assert max(bounded.foretold_losses) <= 0.5


def test_a_joint_choice_without_a_harmless_exit_loses_nothing() -> None:
    correct = np.zeros((200, 12), bool)
    correct[:, -1] = True
    exits = Exits(np.random.default_rng(9).uniform(0.5, 1, (200, 12)), correct)
    (choice,) = cheapest_within(joint_choices({"only": exits}, [PLAN]), 0.0, 0.0).choices.values()
    assert choice.chosen_on.loss_points == 0


def test_the_last_choice_within_both_allowances_is_taken() -> None:
    def foretold(mean_cost: float, *losses: float) -> JointChoice:
        point = OperatingPoint.of_tiers(PLAN, 0.9, 0.9)
        outcomes = [Outcome(mean_cost, loss) for loss in losses]
        return JointChoice({str(place): Choice(point, one, one) for place, one in enumerate(outcomes)}, 1.0)

    path = [foretold(8.5, 0.0, 0.0), foretold(6.8, 0.0, 0.2), foretold(5.1, 0.0, 0.8), foretold(3.4, 0.3, 0.3)]
    assert path[1].foretold_cut(12) == pytest.approx(60)
    assert cheapest_within(path, 0.3, 0.5) is path[1]
    assert cheapest_within(path, 0.3, 1.0) is path[1]
    assert cheapest_within(path, 0.4, 1.0) is path[3]
    assert cheapest_within(path, 0.05, 1.0) is path[0]
    assert cheapest_within(path, -1.0, 1.0) is path[0]
