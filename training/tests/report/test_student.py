"""A student that knows some words, and a cloud that knows all."""

import numpy as np
import pytest

from training.calibration.cascade import Exits
from training.data.tasks import Row
from training.report.student import answers_from, train, word_logits


def test_a_student_learns_words() -> None:
    rows = [Row((f"{word} film {place}",), int(word == "good")) for place in range(30) for word in ("good", "bad")]
    logits = word_logits(train(rows), [Row(("good new film",), 1), Row(("bad new film",), 0)])
    assert logits.argmax(axis=1).tolist() == [1, 0]


def test_a_student_of_pairs_sees_what_they_share() -> None:
    random = np.random.default_rng(1)
    words = [f"w{number}" for number in range(200)]
    rows = []
    for label in (0, 1) * 150:
        first = random.choice(words, 6, replace=False)
        second = random.permutation(first) if label else random.choice(words, 6, replace=False)
        rows.append(Row((" ".join(first), " ".join(second)), label))
    student = train(rows[:200])
    found = word_logits(student, rows[200:]).argmax(axis=1)
    assert (found == [row.gold for row in rows[200:]]).mean() > 0.9


def test_it_answers_from_where_the_expected_loss_is_small_enough() -> None:
    """Sure rows are right as often as the cloud's, unsure ones at random: the threshold parts the two."""
    random = np.random.default_rng(2)
    sure = random.random(4000) < 0.5
    confidence = np.where(sure, 0.99, 0.55) + random.uniform(0, 0.005, 4000)
    right = np.where(sure, True, random.random(4000) < 0.5)
    exits = Exits(np.column_stack([confidence, np.ones(4000)]), np.column_stack([right, np.ones(4000, bool)]))
    threshold = answers_from(exits, allowed_points=0.2)
    assert (confidence >= threshold).mean() == pytest.approx(0.5, abs=0.03)
    assert answers_from(exits, allowed_points=-1) == np.inf
