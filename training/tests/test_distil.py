"""Teachers, corrupted copies and students on a tiny encoder: what is written, and that it is the same twice."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from training.distil import distil
from training.dynamics import record_dynamics
from training.evaluation import exit_accuracies
from training.export import export
from training.manifest import read_manifest
from training.prepare import prepare
from training.prepared import read_inputs, read_prepared
from training.reference import load_reference
from training.splits import SplitRule
from training.stacked.config import Recipe, StudentConfig, TeacherConfig
from training.stacked.corruption import Corruption, corrupted_copies, nearest_words, whole_words
from training.stacked.distilled_rows import distilled_pools, distilled_table
from training.stacked.evaluation import class_probabilities, predicted_logits
from training.stacked.inputs import read_tokenizer
from training.stacked.model import Ladder
from training.stacked.rows import RowTable, row_table
from training.stacked.soft_labels import LABELS_FILE, SoftLabels, read_teachers
from training.stacked.stack import Stack
from training.tasks import TASKS, class_slices, total_classes
from training.teach import teach
from training.tests.tiny import LAYERS, write_encoder, write_glue
from training.weights import read_tensors

CPU = torch.device("cpu")
EVEN, LATE = (1.0, 1.0, 1.0), (0.0, 0.0, 1.0)
HALF = {task.key: 0.5 for task in TASKS}
TEACHERS = TeacherConfig(
    epochs=1.5,
    batch_rows=32,
    folds=2,
    corrupted_shares=(0.3, 0.6),
    nearest_words=3,
    distillation_weight=1.0,
    task_shares=HALF,
    recipes=(Recipe("even", 1e-3, EVEN), Recipe("late", 2e-3, LATE)),
)
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

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny encoder with a piece more, [MASK]."""
    folder = write_encoder(tmp_path_factory.mktemp("encoder"))
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary["[MASK]"] = len(vocabulary)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"vocab_size": len(vocabulary)}), encoding="utf-8")
    tensors = load_file(folder / "model.safetensors")
    words = tensors["embeddings.word_embeddings.weight"]
    tensors["embeddings.word_embeddings.weight"] = np.concatenate([words, words[:1] + np.float16(1)])
    save_file(tensors, folder / "model.safetensors")
    return folder


@pytest.fixture(scope="module")
def prepared(encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows prepared with that encoder's tokenizer; not to be changed."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare(write_glue(folder / "glue", train_rows=70), encoder, folder, SplitRule())
    return folder


@pytest.fixture(scope="module")
def teachers(prepared: Path, encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of training.teach; not to be changed."""
    out = tmp_path_factory.mktemp("teachers")
    torch.set_num_threads(1)
    teach(prepared, encoder, out, TEACHERS, CPU)
    return out


@pytest.fixture(scope="module")
def students(prepared: Path, encoder: Path, teachers: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A weights folder of training.distil; not to be changed."""
    out = tmp_path_factory.mktemp("students")
    torch.set_num_threads(1)
    distil(prepared, encoder, teachers, out, STUDENTS, None, CPU)
    return out


@pytest.fixture(scope="module")
def table(prepared: Path) -> RowTable:
    """The table of the train rows."""
    return row_table(read_prepared(prepared).train, 0.5, CPU)


@pytest.fixture(scope="module")
def corruption(prepared: Path, encoder: Path) -> Corruption:
    """What replaces a word of the tiny rows."""
    tokenizer, mask = read_tokenizer(encoder)
    words = whole_words(tokenizer.get_vocab(), [read_prepared(prepared).train])
    embeddings = read_tensors(encoder)["embeddings.word_embeddings.weight"]
    return Corruption(nearest_words(embeddings, words, 3), mask, 0.2)


def test_neighbours_are_the_whole_words_of_largest_cosine(prepared: Path, encoder: Path) -> None:
    vocabulary = read_tokenizer(encoder)[0].get_vocab()
    words = whole_words(vocabulary, [read_prepared(prepared).train])
    assert words.tolist() == sorted(vocabulary[w] for w in ("a", "film", "the", "is", "good", "bad", "not", "why"))
    embeddings = read_tensors(encoder)["embeddings.word_embeddings.weight"]
    neighbours = nearest_words(embeddings, words, 3)
    centred = embeddings - embeddings[words].mean(axis=0)
    for piece in range(len(embeddings)):
        if piece not in words:
            assert (neighbours[piece] == 0).all()
            continue
        norms = np.linalg.norm(centred, axis=1) * np.linalg.norm(centred[piece])
        cosines = centred @ centred[piece] / norms
        others = sorted((word for word in words if word != piece), key=lambda word: -cosines[word])
        assert set(neighbours[piece]) == set(others[:3])
    with pytest.raises(ValueError, match="more than 8 words in the rows, got 8; lower nearest_words"):
        nearest_words(embeddings, words, 8)


def test_copies_replace_their_share_of_the_words_and_nothing_else(table: RowTable, corruption: Corruption) -> None:
    copies = list(corrupted_copies(table, corruption, (0.3, 0.6), seed=7))
    again = list(corrupted_copies(table, corruption, (0.3, 0.6), seed=7))
    other = list(corrupted_copies(table, corruption, (0.3, 0.6), seed=8))
    words = corruption.neighbours[table.ids, 0] > 0
    for copy, twin, stranger, share in zip(copies, again, other, (0.3, 0.6), strict=True):
        assert torch.equal(copy.ids, twin.ids) and not torch.equal(copy.ids, stranger.ids)
        assert torch.equal(copy.starts, table.starts) and torch.equal(copy.lengths, table.lengths)
        changed = (copy.ids != table.ids).numpy()
        assert not changed[~words].any()
        assert changed[words].mean() == pytest.approx(share, abs=0.04)
        assert (copy.ids[changed] == corruption.mask).float().mean() == pytest.approx(0.2, abs=0.05)
        kept = changed & (copy.ids != corruption.mask).numpy()
        assert all(new in corruption.neighbours[old] for old, new in zip(table.ids[kept], copy.ids[kept], strict=True))


def test_an_encoder_without_a_mask_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"with the piece \[MASK\]"):
        read_tokenizer(write_encoder(tmp_path))


def test_targets_mix_gold_and_teachers(table: RowTable, corruption: Corruption) -> None:
    random = np.random.default_rng(3)
    own, copied = (random.random((len(table), total_classes())).astype(np.float16) for _ in range(2))
    labels = SoftLabels(own, [copied], corruption.neighbours)
    (copy,) = corrupted_copies(table, corruption, (0.3,), seed=7)
    config = StudentConfig(gold_share=0.25, cross_weight=0.1, copy_shares={"rte": 2, "mrpc": 0})
    both = distilled_table(table, [copy], labels, config)
    rows = len(table)
    assert len(both) == 2 * rows
    places, slices = {task.key: place for place, task in enumerate(TASKS)}, class_slices()
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
        assert probabilities.shape == (len(table), total_classes()) and probabilities.dtype == np.float16
        for start, end in class_slices().values():
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

    monkeypatch.setattr("training.teach.StackTrainer", Untrained)
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
    provenance = read_manifest(tmp_path / "tiny")["provenance"]
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
