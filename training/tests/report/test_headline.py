"""Intervals, the headline's numbers and calibration's, each against a count by hand or by simulation."""

import numpy as np
import pytest
from scipy.stats import binom

from training.calibration.cascade import Exits, Plan
from training.calibration.probabilities import calibration_error
from training.report.headline import break_even_price, headline, task_rows
from training.report.intervals import exact_interval, loss_interval, mean_interval
from training.report.resplit import expected


def test_an_exact_interval_covers_what_it_says() -> None:
    """Of 300 rows 2 % get worse and 1 % better: what is drawn leaves the interval in at most 5 % of all cases."""
    rows, worse, better = 300, 0.02, 0.01
    counts = np.arange(25)
    chance = np.outer(binom.pmf(counts, rows, worse), binom.pmf(counts, rows, better))
    intervals = [[exact_interval(int(a), int(b), rows) for b in counts] for a in counts]
    covers = np.array([[low <= 100 * (worse - better) <= high for low, high in line] for line in intervals])
    assert chance[covers].sum() >= 0.95


def test_an_exact_interval_by_hand() -> None:
    low, high = exact_interval(0, 0, 100)
    # Nothing of 100 rows: at most 1 − 0.0125^(1/100) of all such rows, both ways.
    assert high == pytest.approx(100 * (1 - 0.0125**0.01)) and low == -high
    assert exact_interval(3, 1, 200) == tuple(-end for end in reversed(exact_interval(1, 3, 200)))


def test_few_rows_that_differ_have_an_exact_interval() -> None:
    few, many = np.zeros(1000), np.zeros(1000)
    few[:50], many[:51] = 100, 100
    assert loss_interval(few)[1] == "exact"
    interval, method = loss_interval(many)
    # 51 of 1,000 rows: a binomial of deviation 0.7 points.
    assert method == "bootstrap" and interval == pytest.approx((5.1 - 1.36, 5.1 + 1.36), abs=0.15)


def test_the_interval_of_a_mean_counts_tasks_alike() -> None:
    """A task of 100 rows, half of them lost, beside one of many where none is: the first one's deviation, halved."""
    small, large = np.repeat([0.0, 100.0], 50), np.zeros(5000)
    low, high = mean_interval([small, large])
    assert (low, high) == (pytest.approx(25 - 1.96 * 2.5, abs=0.3), pytest.approx(25 + 1.96 * 2.5, abs=0.3))


def test_a_headline_by_hand() -> None:
    """Of four rows under plan 2/4 two leave at layer 1, one at 4, one at 12: costs 1, 1, 4 + 2 and 12 + 5."""
    correct = np.ones((4, 12), bool)
    correct[0, 0] = False
    exits, layers = Exits(np.full((4, 12), 0.9), correct), np.array([1, 1, 4, 12])
    rows = task_rows(exits, layers, Plan(2, 4))
    assert rows.cost == 25 / 4 and rows.lost.tolist() == [100, 0, 0, 0] and rows.on_mobile == 6 / 4
    found = headline({"task": rows}, layers=12)
    assert found["meanCostCutPercent"] == round(100 * (1 - 25 / 4 / 17), 2)
    assert found["meanAccuracyLossPoints"] == 25 and found["meanAccuracyPercent"] == 75
    # A static cut of 6.25 is layers 6 and 7, always right.
    assert found["gainOverStaticPoints"] == -25 and "largeTasks" not in found
    # 1.5 layers a row on the device, 19 / 4 elsewhere; 17 in the cloud.
    assert break_even_price([rows], layers=12) == pytest.approx((17 - 19 / 4) / 1.5)


def test_the_cloud_may_answer_otherwise_than_the_ladder() -> None:
    exits = Exits(np.full((2, 3), 0.9), np.array([[True, True, True], [False, False, False]]))
    rows = task_rows(exits, np.array([1, 1]), Plan(1, 2), last=np.array([True, True]))
    assert rows.lost.tolist() == [0, 100]


def test_what_is_expected_is_the_mean_over_divisions() -> None:
    kept = {"divisions": {"cut": [60.0, 70.0], "lost": [0.1, 0.5], "gained": [1.0, 2.0]}}
    found = expected(kept)
    assert (found["meanCostCutPercent"], found["sdCostCutPercent"]) == (65, 7.07)
    assert (found["divisions"], found["divisionsWithinClaimedLoss"]) == (2, 1)


def test_calibration_error_of_a_perfect_and_of_a_bad_model() -> None:
    random = np.random.default_rng(3)
    confidence = random.uniform(0.5, 1, 400)
    perfect = [calibration_error(confidence, random.random(400) < confidence) for _ in range(300)]
    assert np.mean([error.plain for error in perfect]) == pytest.approx(perfect[0].of_perfect, rel=0.05)
    assert np.mean([error.signed for error in perfect]) == pytest.approx(0, abs=0.005)
    many = random.uniform(0.7, 1, 40_000)
    bad = calibration_error(many, random.random(40_000) < many - 0.2)
    assert bad.plain == pytest.approx(0.2, abs=0.01) and bad.signed == pytest.approx(0.2, abs=0.01)
    assert bad.debiased == pytest.approx(0.2, abs=0.01)
    assert np.mean([error.debiased for error in perfect]) < 0.75 * np.mean([error.plain for error in perfect])
