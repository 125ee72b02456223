"""Teachers: what they say, and about which rows."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from training.data.glue import TASKS
from training.data.tasks import class_slices, total_classes
from training.fit.inputs import read_inputs
from training.stacked.evaluation import class_probabilities, predicted_logits
from training.stacked.model import Ladder
from training.stacked.rows import RowTable
from training.stacked.soft_labels import LABELS_FILE, read_teachers
from training.stacked.stack import Stack
from training.stacked.teach import teach
from training.tests.stacked.taught.shared import CPU, TEACHERS
from training.tests.tiny.weights import LAYERS

pytestmark = pytest.mark.usefixtures("one_thread")


def test_teachers_label_all_rows(teachers: Path, prepared: Path, encoder: Path, table: RowTable) -> None:
    about = json.loads((teachers / "teachers.json").read_text(encoding="utf-8"))
    assert about["config"] == json.loads(json.dumps(asdict(TEACHERS)))
    members = about["accuracy"]["members"]
    assert [(m["recipe"], m["fold"]) for m in members] == [("even", 0), ("even", 1), ("late", 0), ("late", 1)]
    for accuracy in (about["accuracy"]["mean"], *(member["accuracy"] for member in members)):
        assert set(accuracy) == {task.key for task in TASKS}
        assert all(len(values) == LAYERS for values in accuracy.values())
    _, identity = read_inputs(prepared, encoder)
    labels, config = read_teachers(teachers, identity)
    assert config == TEACHERS and len(labels.copies) == 2
    for probabilities in (labels.own, *labels.copies):
        assert probabilities.shape == (len(table), total_classes(TASKS)) and probabilities.dtype == np.float16
        for start, end in class_slices(TASKS).values():
            np.testing.assert_allclose(probabilities[:, start:end].astype(float).sum(1), 1, atol=2e-3)
    assert not np.array_equal(*labels.copies)
    with pytest.raises(ValueError, match="teach again"):
        read_teachers(teachers, identity | {"encoder": "0"})


def test_teachers_are_the_same_twice(teachers: Path, prepared: Path, encoder: Path, tmp_path: Path) -> None:
    teach(prepared, encoder, tmp_path, TEACHERS, CPU)
    for name in (LABELS_FILE, "teachers.json"):
        assert (tmp_path / name).read_bytes() == (teachers / name).read_bytes()


def test_a_rows_label_is_of_the_teachers_that_did_not_see_it(
    prepared: Path, encoder: Path, table: RowTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Untrained, every teacher is known, and its ramps are its own; what it would have learnt from is looked up."""
    given = {}

    class Untrained:
        def __init__(self, stack: Stack, ladder: Ladder, table: RowTable, pools: list, *_: object) -> None:
            given.update(stack=stack, ladder=ladder, pools=pools)

        def run(self) -> None:
            """Learn nothing."""

    monkeypatch.setattr("training.stacked.teach.StackTrainer", Untrained)
    teach(prepared, encoder, tmp_path, TEACHERS, CPU)
    labels, _ = read_teachers(tmp_path, read_inputs(prepared, encoder)[1])
    logits = predicted_logits(given["stack"], given["ladder"], table, np.arange(len(table)), slice(-1, None))[:, :, 0]
    probabilities = class_probabilities(logits).numpy()
    folds = np.random.default_rng(TEACHERS.seed).integers(0, 2, len(table))
    for member, pools in enumerate(given["pools"]):
        assert sorted(np.concatenate([pool.rows for pool in pools])) == np.flatnonzero(folds != member % 2).tolist()
    for fold in range(2):
        unaware = probabilities[[fold, 2 + fold]].mean(axis=0)
        np.testing.assert_allclose(labels.own[folds == fold], unaware[folds == fold], atol=1e-3)
    assert np.abs(probabilities[0] - probabilities[1]).max() > 0.1
