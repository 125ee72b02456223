"""The study on a tiny encoder, its intervals and its table."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.data.glue import TASKS
from training.data.prepared import read_prepared
from training.data.tasks import class_slices
from training.data.tokenise import pad
from training.fit import study
from training.fit.config import shares_of_layers
from training.fit.evaluation import exit_hits
from training.fit.study import STUDY_FILE, TABLE_FILE, Study
from training.fit.study_results import accuracies, differences, read_hits, table
from training.fit.study_rows import StudyRows
from training.fit.study_variants import PLAIN, Variant, variants
from training.fit.trainer import Trainer
from training.model.reference import load_reference
from training.tests.tiny.weights import LAYERS

ROWS = StudyRows(epoch=48, longest=64, measured=8)
CHOSEN = ["alternating", "finishing", "two-stage", "longer", "start"]


pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def finished(prepared: Path, encoder: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study of the chosen variants; not to be changed."""
    out = tmp_path_factory.mktemp("studies") / "tiny"
    Study(prepared, encoder, weights, out, ROWS).run(CHOSEN)
    return out


def _runs(folder: Path) -> dict[str, dict]:
    content = json.loads((folder / STUDY_FILE).read_text(encoding="utf-8"))
    return {run["key"]: run for run in content["runs"]}


def test_study_tells_every_chosen_variant(finished: Path) -> None:
    runs = _runs(finished)
    assert set(runs) == {PLAIN, *CHOSEN} and next(iter(runs)) == PLAIN
    assert all(len(values) == LAYERS for run in runs.values() for values in run["accuracy"].values())
    assert all(set(run["differences"]) == {"1", "3"} for key, run in runs.items() if key != PLAIN)
    assert len((finished / TABLE_FILE).read_text(encoding="utf-8").splitlines()) == 2 + len(runs)


def test_variants_take_the_same_steps_where_they_say_so(finished: Path) -> None:
    steps = {key: run["steps"] for key, run in _runs(finished).items()}
    assert steps[PLAIN] == steps["alternating"] == steps["two-stage"] > 0
    assert steps["longer"] == 2 * steps[PLAIN] and steps["start"] == 0


def test_finishing_measures_its_tasks_and_takes_the_others_from_plain(finished: Path) -> None:
    plain, hits = read_hits(finished / f"{PLAIN}.safetensors"), read_hits(finished / "finishing.safetensors")
    assert set(hits) == set(plain) and all(len(values) == ROWS.measured for values in hits.values())
    assert all(np.array_equal(hits[task], plain[task]) for task in ("sst2", "qqp", "qnli", "mnli"))


def test_only_plain_keeps_its_weights(finished: Path) -> None:
    assert [folder.name for folder in (finished / "runs").iterdir()] == [PLAIN]


def test_finished_variants_are_skipped(
    finished: Path, prepared: Path, encoder: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (finished / STUDY_FILE).read_bytes()
    monkeypatch.setattr(study, "new_model", None)
    text = Study(prepared, encoder, weights, finished, ROWS).run(CHOSEN)
    assert (finished / STUDY_FILE).read_bytes() == before
    assert (finished / TABLE_FILE).read_text(encoding="utf-8") == text


def test_an_interrupted_variant_is_not_trained_again(
    finished: Path, prepared: Path, encoder: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(study, "exit_hits", interrupt)
        with pytest.raises(KeyboardInterrupt):
            Study(prepared, encoder, weights, tmp_path, ROWS).run([PLAIN])
    monkeypatch.setattr(Trainer, "_train", interrupt)
    Study(prepared, encoder, weights, tmp_path, ROWS).run([PLAIN])
    assert (tmp_path / f"{PLAIN}.safetensors").read_bytes() == (finished / f"{PLAIN}.safetensors").read_bytes()


def test_a_run_that_diverges_is_told_as_failed(
    prepared: Path, encoder: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = variants(LAYERS, TASKS)[0]
    wild = Variant("wild", "far too fast", (replace(plain.stages[0], peak_rate=1e30),))
    monkeypatch.setattr(study, "variants", lambda *_: [plain, wild])
    text = Study(prepared, encoder, weights, tmp_path, ROWS).run()
    assert "finite loss" in _runs(tmp_path)["wild"]["failed"] and "| far too fast | 14 | failed: expected a" in text


def test_another_study_needs_another_folder(
    finished: Path, prepared: Path, encoder: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="the inputs that"):
        Study(prepared, encoder, weights, finished, replace(ROWS, measured=7))
    changed = [Variant(PLAIN, "plain", (replace(variants(LAYERS, TASKS)[0].stages[0], peak_rate=1.0),))]
    monkeypatch.setattr(study, "variants", lambda *_: changed)
    with pytest.raises(ValueError, match="'plain'"):
        Study(prepared, encoder, weights, finished, ROWS)


def test_unknown_variants_are_named(finished: Path, prepared: Path, encoder: Path, weights: Path) -> None:
    with pytest.raises(ValueError, match="'plane'"):
        Study(prepared, encoder, weights, finished, ROWS).run(["plane"])


def test_all_variants_fit_twelve_layers() -> None:
    for variant in variants(12, TASKS):
        assert all(len(shares_of_layers(stage.exit_weights, 12)) == 12 for stage in variant.stages)
    assert len({variant.key for variant in variants(12, TASKS)}) == len(variants(12, TASKS))


def test_short_rows_are_drawn_for_training_and_any_for_measuring(prepared: Path) -> None:
    drawn = StudyRows(epoch=1, longest=7, measured=6).draw(read_prepared(prepared))
    assert {len(rows) for rows in drawn.train.values()} == {2}
    assert max(rows.lengths.max() for rows in drawn.train.values()) <= 7
    assert max(rows.lengths.max() for rows in drawn.calibration.values()) > 7
    assert {len(rows) for rows in drawn.calibration.values()} == {6}


def test_hits_are_in_the_order_of_the_rows(prepared: Path, weights: Path) -> None:
    rows = read_prepared(prepared).calibration["mnli"].select([5, 0, 3, 9])
    model = load_reference(weights)
    start, end = class_slices(TASKS)["mnli"]
    single = [model.logits(pad([rows.encoded(row)], [row]))[0, :, start:end].argmax(-1) for row in range(len(rows))]
    expected = np.stack(single) == rows.gold[:, np.newaxis]
    np.testing.assert_array_equal(exit_hits(model, {"mnli": rows})["mnli"], expected)


def test_selected_rows_are_those_rows(prepared: Path) -> None:
    rows = read_prepared(prepared).calibration["rte"]
    chosen = rows.select([4, 1])
    assert [chosen.encoded(0), chosen.encoded(1)] == [rows.encoded(4), rows.encoded(1)]
    assert chosen.gold.tolist() == [rows.gold[4], rows.gold[1]] and len(chosen) == 2


def test_a_difference_is_paired_and_weighs_tasks_alike() -> None:
    random = np.random.default_rng(1)
    plain = {"rte": random.random((400, 2)) < 0.7, "sst2": random.random((100, 2)) < 0.9}
    better = {task: hits.copy() for task, hits in plain.items()}
    wrong = np.flatnonzero(~plain["rte"][:, 1])[:40]
    better["rte"][wrong, 1] = True
    by_exit = differences(better, plain, [1, 2])
    assert (by_exit[1].points, by_exit[1].low, by_exit[1].high) == (0, 0, 0)
    # 40 of 400 rows gained, none in the other task: 10 points / 2, of standard error 100 · √(0.1 · 0.9 / 400) / 2.
    assert by_exit[2].points == 5
    assert by_exit[2].low == pytest.approx(5 - 1.96 * 0.75, abs=0.2)
    assert by_exit[2].high == pytest.approx(5 + 1.96 * 0.75, abs=0.2)


def test_accuracies_are_percent_by_exit() -> None:
    hits = {"rte": np.array([[1, 0], [1, 1]], bool), "cola": np.array([[0, 0], [1, 0], [0, 1], [0, 1]], bool)}
    assert accuracies(hits) == {"rte": [100.0, 50.0], "cola": [25.0, 50.0], "mean": [62.5, 50.0]}


def test_table_is_bold_where_zero_is_outside() -> None:
    def difference(points: float, low: float, high: float) -> dict[str, float]:
        return {"points": points, "low": low, "high": high}

    runs = [
        {"title": "plain", "steps": 5, "accuracy": {"mean": [50.04, 70.0]}},
        {"title": "other", "steps": 5, "differences": {"1": difference(-2, -3, -1), "2": difference(-0.04, -1, 0.04)}},
        {"title": "wild", "steps": 5, "failed": "no"},
    ]
    assert table(runs, [1, 2]) == (
        "| variant | steps | exit 1 | exit 2 |\n|---|---|---|---|\n"
        "| plain | 5 | 50.0 % | 70.0 % |\n"
        "| other | 5 | **−2.0** (−3.0 to −1.0) | +0.0 (−1.0 to +0.0) |\n"
        "| wild | 5 | failed: no |  |\n"
    )
