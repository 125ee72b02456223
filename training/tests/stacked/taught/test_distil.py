"""Students: what they learn from, what is written of them."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from training.calibration.dynamics import record_dynamics
from training.data.glue import TASKS
from training.data.prepared import read_prepared
from training.data.tasks import class_slices, total_classes
from training.export.export import export
from training.fit.evaluation import exit_accuracies
from training.model.provenance import read_provenance
from training.model.reference import load_reference
from training.model.weights import read_tensors
from training.stacked.config import Recipe, StudentConfig
from training.stacked.corruption import Corruption, corrupted_copies
from training.stacked.distil import distil
from training.stacked.distilled_rows import distilled_pools, distilled_table
from training.stacked.rows import RowTable
from training.stacked.soft_labels import SoftLabels
from training.tests.stacked.taught.shared import CPU, EVEN, HALF, LATE

pytestmark = pytest.mark.usefixtures("one_thread")
STUDENTS = StudentConfig(
    epochs=1.5,
    batch_rows=32,
    task_shares=HALF,
    copy_shares=HALF | {"rte": 2.0},
    noise_layers=(1, 2),
    recipes=(Recipe("even", 1e-3, EVEN, noise=0.2), Recipe("late", 2e-3, LATE)),
    averages=((0, 1),),
    score_weights=(0, 1, 3),
)


@pytest.fixture(scope="session")
def students(prepared: Path, encoder: Path, teachers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights folder of training.distil; not to be changed."""
    out = tmp_path_factory.mktemp("students")
    torch.set_num_threads(1)
    distil(prepared, encoder, teachers, out, STUDENTS, None, CPU)
    return out


def test_targets_mix_gold_and_teachers(table: RowTable, corruption: Corruption) -> None:
    random = np.random.default_rng(3)
    own, copied = (random.random((len(table), total_classes(TASKS))).astype(np.float16) for _ in range(2))
    labels = SoftLabels(own, [copied], corruption.neighbours)
    (copy,) = corrupted_copies(table, corruption, (0.3,), seed=7)
    config = StudentConfig(gold_share=0.25, cross_weight=0.1, copy_shares={"rte": 2, "mrpc": 0})
    both = distilled_table(table, [copy], labels, config)
    rows = len(table)
    assert len(both) == 2 * rows
    places, slices = {task.key: place for place, task in enumerate(TASKS)}, class_slices(TASKS)
    expected_weights = {
        "cola": ([0, 1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0]),
        "qqp": ([0, 0, 0.1, 1, 0.1, 0.1, 0.1], [0, 0, 0.1, 1, 0.1, 0.1, 0.1]),
        "mnli": ([0, 0, 0.1, 0.1, 0.5, 0.1, 1], [0, 0, 0.1, 0.1, 0.1, 0.1, 1]),
    }
    for key, weights in expected_weights.items():
        row = int(np.flatnonzero(table.task.numpy() == places[key])[1])
        for place, expected in ((row, weights[0]), (row + rows, weights[1])):
            assert both.task[place] == places[key]
            np.testing.assert_allclose(both.weights[place].numpy(), expected, rtol=1e-6)
        np.testing.assert_array_equal(both.targets[row + rows].numpy(), copied[row].astype(np.float32))
        for task, (start, end) in slices.items():
            teachers = own[row, start:end].astype(np.float32)
            has_gold = task == key or (key, task) == ("mnli", "rte")
            mixed = 0.25 * table.targets[row, start:end].numpy() + 0.75 * teachers if has_gold else teachers
            np.testing.assert_allclose(both.targets[row, start:end].numpy(), mixed, rtol=1e-6)
    ids = both.words(torch.tensor([[rows + 5]]), 32).ids
    assert torch.equal(ids, copy.words(torch.tensor([[5]]), 32).ids)


def test_pools_of_copies_are_drawn_in_units_of_the_rows(table: RowTable) -> None:
    pools = distilled_pools(table, 2, StudentConfig(copy_shares={"rte": 2, "mrpc": 0}))
    assert len(pools) == 2 * len(TASKS) and len(distilled_pools(table, 0, StudentConfig())) == len(TASKS)
    rte = [task.key for task in TASKS].index("rte")
    own, copies = pools[rte], pools[len(TASKS) + rte]
    assert (table.task[own.rows] == rte).all()
    np.testing.assert_array_equal(copies.rows, np.concatenate([own.rows + len(table), own.rows + 2 * len(table)]))
    assert copies.share * len(copies.rows) == 2 * len(own.rows)


def test_students_are_exported_with_their_provenance(students: Path, prepared: Path, tmp_path: Path) -> None:
    about = json.loads((students / "training.json").read_text(encoding="utf-8"))
    assert list(about["scores"]) == ["even", "late", "even + late"]
    best = max(about["scores"], key=about["scores"].get)
    (evaluation,) = about["curve"]
    assert about["status"] == f"trained by training.distil to step {evaluation['step']}; best of 3: {best}"
    means = np.mean(list(evaluation["accuracy"].values()), axis=0)
    assert about["scores"][best] == pytest.approx(means @ [0, 0.25, 0.75], abs=1e-2)
    calibration = read_prepared(prepared).calibration
    found = exit_accuracies(load_reference(students), calibration)
    for task, values in evaluation["accuracy"].items():
        # Rounding to float16 may turn a label.
        np.testing.assert_allclose(found[task], values, atol=101 / len(calibration[task]))
    export(students, tmp_path / "tiny")
    provenance = read_provenance(tmp_path / "tiny")
    assert provenance["config"] == json.loads(json.dumps(asdict(STUDENTS)))
    assert provenance["encoder"]["sha256"] and provenance["teachers"]["config"]["folds"] == 2


def test_words_and_positions_stay_and_the_rest_learns(students: Path, encoder: Path) -> None:
    before, after = read_tensors(encoder), read_tensors(students)
    # What is added to all keys alike changes no attention, so that it has no gradient.
    body = [name for name in before if not name.startswith("pooler.") and not name.endswith("key.bias")]
    still = [name for name in body if np.array_equal(before[name], after[name])]
    assert sorted(still) == [f"embeddings.{kind}_embeddings.weight" for kind in ("position", "word")]


def test_students_are_the_same_twice(
    students: Path, prepared: Path, encoder: Path, teachers: Path, tmp_path: Path
) -> None:
    distil(prepared, encoder, teachers, tmp_path, STUDENTS, None, CPU)
    for name in ("model.safetensors", "training.json", "epoch-01.safetensors", "epoch-02.safetensors"):
        assert (tmp_path / name).read_bytes() == (students / name).read_bytes()


def test_init_goes_on_from_the_best_student(
    students: Path, prepared: Path, encoder: Path, teachers: Path, tmp_path: Path
) -> None:
    still = replace(STUDENTS, epochs=0.1, recipes=tuple(replace(r, peak_rate=1e-12) for r in STUDENTS.recipes))
    distil(prepared, encoder, teachers, tmp_path, still, students, CPU)
    for name, value in read_tensors(students).items():
        np.testing.assert_array_equal(value, read_tensors(tmp_path)[name])


def test_epochs_of_the_first_student_give_dynamics(students: Path, prepared: Path) -> None:
    record_dynamics(students, prepared, rows=5)
    recorded = load_file(students / "dynamics.safetensors")
    assert recorded["rte.confidence"].shape == (2, 5)
