"""The cascade on recorded exits, and the choice of its plan and thresholds."""

import numpy as np
import pytest

from training.cascade import COSTS, Exits, Plan, exit_layers, first_reaching
from training.expected_losses import PooledLosses, expected_losses
from training.logistic import fit_logistic, predict_logistic
from training.thresholds import (
    Choice,
    JointChoice,
    OperatingPoint,
    Outcome,
    cheapest_within,
    choose_points,
    joint_choices,
    measure,
)

PLAN = Plan(4, 8)


def test_rows_leave_at_the_first_confident_layer_of_a_tier() -> None:
    confidence = np.full((4, 12), 0.6)
    confidence[0, 2] = confidence[1, 5] = 0.9
    confidence[2, 10] = 1.0
    confidence[3, [1, 3]] = 0.9
    layers = exit_layers(confidence, [0.9] * 8)
    assert layers.tolist() == [3, 6, 12, 2]
    assert COSTS.of_exits(layers, PLAN).tolist() == [3, 8, 17, 2]
    assert COSTS.all_cloud(12) == 17


def test_a_threshold_of_one_is_never_reached() -> None:
    found = first_reaching(np.array([[0.5, 1.0]]), np.array([[1.0, 1.0], [0.995, 0.995], [0.5, 0.5], [0.6, 1.0]]))
    assert found.tolist() == [[0], [2], [1], [0]]


def test_logistic_regression_finds_the_weights() -> None:
    random = np.random.default_rng(0)
    features = random.normal(size=(20000, 2))
    target = random.random(20000) < predict_logistic(features, np.array([1.5, -0.7, 0.3]))
    np.testing.assert_allclose(fit_logistic(features, target), [1.5, -0.7, 0.3], atol=0.07)


def simulated(rows: int, seed: int, gain: float = 0.1) -> Exits:
    """Honest exits whose confidence grows with depth; the last is right `gain` more often than half-sure early ones."""
    random = np.random.default_rng(seed)
    ease = random.random((rows, 1))
    depth = np.linspace(0.2, 1, 12)
    confidence = 0.5 + 0.5 * np.clip(ease * depth + gain * depth, 0, 0.999)
    return Exits(confidence, random.random((rows, 12)) < confidence)


def test_expected_losses_are_what_is_lost_on_average() -> None:
    exits = simulated(20000, seed=1)
    losses = expected_losses(exits, exits.confidence)
    counted = exits.correct[:, -1].mean() - exits.correct.mean(axis=0)
    np.testing.assert_allclose(losses.mean(axis=0), counted, atol=0.005)
    sure = exits.confidence[:, 5] > np.median(exits.confidence[:, 5])
    for half in (sure, ~sure):
        counted_there = exits.correct[half, -1].mean() - exits.correct[half, 5].mean()
        assert losses[half, 5].mean() == pytest.approx(counted_there, abs=0.015)


def test_pooled_losses_are_what_is_lost_on_average_too() -> None:
    many, few = simulated(20000, seed=1), simulated(100, seed=2)
    losses = PooledLosses({"many": many, "few": few})
    expected = losses.of("many", many.confidence)
    counted = many.correct[:, -1].mean() - many.correct.mean(axis=0)
    np.testing.assert_allclose(expected.mean(axis=0), counted, atol=0.01)
    assert losses.of("few", few.confidence).shape == (100, 12) and not expected[:, -1].any()


def test_pooled_losses_follow_from_the_regressions_of_each_exit() -> None:
    tasks = {"many": simulated(3000, seed=1), "few": simulated(100, seed=2)}
    losses = PooledLosses(tasks)
    for task, exits in tasks.items():
        confidence = np.clip(exits.confidence, 0.34, 0.999)
        odds = np.log(confidence / (1 - confidence))

        def probability(named: dict[str, float], values: np.ndarray) -> np.ndarray:
            return 1 / (1 + np.exp(-(named["weight"] * values + named["bias"])))

        expected = losses.of(task, confidence)
        for layer, own in enumerate(losses.regressions(task)):
            last_is_right = probability(own["lastIsRight"], odds[:, layer])
            found = probability(own["changes"], odds[:, layer]) * (2 * last_is_right - 1)
            np.testing.assert_allclose(found, expected[:, layer], atol=1e-5)


def test_thresholds_of_pooled_losses_keep_to_their_limits() -> None:
    exits = simulated(2000, seed=3)
    losses = PooledLosses({"only": exits})
    limits = np.array([-1.0, 0.02, 0.1])
    thresholds = losses.thresholds("only", limits)
    assert thresholds.shape == (3, 12) and (thresholds[0, :-1] == 1).all() and (np.diff(thresholds, axis=0) <= 0).all()
    expected = losses.of("only", exits.confidence)
    for limit, own in zip(limits[1:], thresholds[1:], strict=True):
        leaves = exits.confidence >= own
        assert (expected[leaves] <= limit + 1e-9).all()
        just_below = np.clip(own - 0.001, 0.33, 1)
        below = losses.of("only", np.tile(just_below, (1, 1)))[0]
        assert (below[own > 0.33] > limit).all()


def test_pooled_losses_of_few_rows_are_nearer_the_truth() -> None:
    """Tasks alike: what the many rows tell helps the few, which alone are off by several points."""
    fresh = simulated(40000, seed=30)
    truth = fresh.correct[:, -1].mean() - fresh.correct.mean(axis=0)
    many = simulated(8000, seed=31)
    alone, pooled = [], []
    for seed in range(8):
        few = simulated(150, seed=seed)
        alone.append(expected_losses(few, few.confidence).mean(axis=0) - truth)
        pooled.append(PooledLosses({"many": many, "few": few}).of("few", few.confidence).mean(axis=0) - truth)
    assert np.abs(pooled).mean() < 0.8 * np.abs(alone).mean()


def test_chosen_points_keep_their_loss_on_other_rows() -> None:
    few, many = simulated(400, seed=2), simulated(20000, seed=3)
    strict, loose = choose_points(few, [PLAN, Plan(3, 6)], [0.3, 1.0])
    assert measure(strict.point, many).loss_points < 1.3
    assert loose.chosen_on.mean_cost <= strict.chosen_on.mean_cost < COSTS.all_cloud(12)
    assert strict.predicted.mean_cost == pytest.approx(measure(strict.point, many).mean_cost, rel=0.1)


def test_thresholds_are_the_cheapest_within_the_loss_by_brute_force() -> None:
    exits = simulated(150, seed=4)
    (choice,) = choose_points(exits, [PLAN], [0.5])
    losses = expected_losses(exits, exits.confidence)
    rows = np.arange(150)
    for mobile in np.arange(0.6, 1.0, 0.05).round(3):
        for edge in np.arange(0.6, 1.0, 0.05).round(3):
            point = OperatingPoint.of_tiers(PLAN, float(mobile), float(edge))
            lost = losses[rows, point.exits(exits.confidence) - 1].mean() * 100
            assert lost > 0.5 or measure(point, exits).mean_cost >= choice.chosen_on.mean_cost - 1e-9


def test_where_early_exits_only_lose_all_goes_to_the_cloud() -> None:
    random = np.random.default_rng(5)
    correct = np.zeros((200, 12), bool)
    correct[:, -1] = True
    (choice,) = choose_points(Exits(random.uniform(0.5, 1, (200, 12)), correct), [PLAN], [0.0])
    assert choice.chosen_on.mean_cost == COSTS.all_cloud(12) and choice.chosen_on.loss_points == 0


def surer(rows: int, seed: int, widest: float) -> Exits:
    """Rows that grow surer up to 0.98 from up to `widest` below; what gets right stays right."""
    random = np.random.default_rng(seed)
    missing = random.uniform(0, widest, (rows, 1)) * np.linspace(1, 0, 12) ** 2
    confidence = 0.98 - missing
    return Exits(confidence, random.random((rows, 1)) < confidence)


def test_a_joint_choice_gives_accuracy_up_where_it_buys_most() -> None:
    tasks = {"hard": surer(4000, seed=7, widest=0.45), "easy": surer(4000, seed=8, widest=0.05)}
    joint = cheapest_within(joint_choices(tasks, [PLAN]), 1.0, 5.0).choices
    alone = {task: choose_points(exits, [PLAN], [1.0])[0] for task, exits in tasks.items()}

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
        return JointChoice({str(place): Choice(point, one, one) for place, one in enumerate(outcomes)})

    path = [foretold(8.5, 0.0, 0.0), foretold(6.8, 0.0, 0.2), foretold(5.1, 0.0, 0.8), foretold(3.4, 0.3, 0.3)]
    assert path[1].foretold_cut(12) == pytest.approx(60)
    assert cheapest_within(path, 0.3, 0.5) is path[1]
    assert cheapest_within(path, 0.3, 1.0) is path[1]
    assert cheapest_within(path, 0.4, 1.0) is path[3]
    assert cheapest_within(path, 0.05, 1.0) is path[0]
    assert cheapest_within(path, -1.0, 1.0) is path[0]
