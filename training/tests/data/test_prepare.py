"""What training sees, what it does not, and how both are stored."""

import shutil
from pathlib import Path

import pytest

from training.data.glue import EXTRA_FILES, TASKS
from training.data.prepare import prepare
from training.data.prepared import read_prepared
from training.data.splits import SplitRule, read_split, split_rows
from training.data.tasks import Row, select_tasks
from training.data.tokenise import encode, load_tokenizer


def pairs(count: int, prefix: str) -> list[Row]:
    """Rows that share no text."""
    return [Row((f"{prefix} first {index}", f"{prefix} second {index}"), index % 2) for index in range(count)]


def test_no_calibration_text_is_trained_on(glue: Path) -> None:
    for task in TASKS:
        split = read_split(glue, task, SplitRule())
        held = {text for row in split.calibration for text in row.texts}
        assert split.calibration and held.isdisjoint(text for row in split.train for text in row.texts)
        official, extra = 40, 20 if task.key in EXTRA_FILES else 0
        assert len(split.train) + len(split.calibration) + split.dropped == official + extra


def test_extra_rows_are_trained_on_but_never_calibrated_on() -> None:
    split = split_rows(pairs(20, "own"), pairs(9, "extra"), SplitRule(share=0.5))
    assert len(split.calibration) == 10 and all("own" in row.texts[0] for row in split.calibration)
    assert len(split.train) == 19 and split.dropped == 0


def test_pair_that_shares_one_text_is_dropped() -> None:
    rows = pairs(2, "own")
    sharing = [Row(("other", text.upper()), 0) for row in rows for text in row.texts]
    split = split_rows(rows, sharing, SplitRule(share=0.5))
    assert len(split.calibration) == 1 and split.dropped == 2


def test_single_texts_are_drawn_whole_and_their_parts_dropped() -> None:
    """SST-2's train file lists phrases of its sentences as rows of their own."""
    rows = [Row((text,), 0) for text in ("a good film", "good", "A  Good", "the bad one", "bad one", "not")]
    split = split_rows(rows, [], SplitRule(share=0.4))
    (drawn,) = split.calibration
    assert drawn.texts[0] in ("a good film", "the bad one", "not")
    words = drawn.texts[0].split()
    assert split.train == [row for row in rows if row != drawn and row.texts[0].lower().split()[-1] not in words]


def test_split_depends_on_the_seed_alone() -> None:
    rows = pairs(50, "own")
    assert split_rows(rows, [], SplitRule()) == split_rows(rows, [], SplitRule())
    assert split_rows(rows, [], SplitRule()) != split_rows(rows, [], SplitRule(seed=1))


def test_prepared_rows_are_those_of_the_tokenizer(glue: Path, encoder: Path, tmp_path: Path) -> None:
    about = prepare(glue, encoder, tmp_path / "prepared", SplitRule())
    stored = read_prepared(tmp_path / "prepared")
    (task,) = select_tasks(TASKS, "qqp")
    rows = read_split(glue, task, SplitRule()).train
    expected = encode(load_tokenizer(encoder / "tokenizer.json"), [row.texts for row in rows])
    assert [stored.train["qqp"].encoded(row) for row in range(len(rows))] == expected
    assert stored.train["qqp"].gold.tolist() == [row.gold for row in rows]
    assert about["tasks"]["qqp"]["train"]["tokens"] == sum(len(row.input_ids) for row in expected)


def test_preparing_again_gives_the_same_bytes_without_dev(glue: Path, encoder: Path, tmp_path: Path) -> None:
    prepare(glue, encoder, tmp_path / "one", SplitRule())
    for task in TASKS:
        next((glue / task.name).glob("dev*.tsv")).unlink()
    prepare(glue, encoder, tmp_path / "two", SplitRule())
    names = {path.name for path in (tmp_path / "one").iterdir()}
    assert names == {"prepared.json", "tasks.json", "train.safetensors", "calibration.safetensors"}
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_changed_arrays_are_refused(prepared: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(prepared, tmp_path / "prepared")
    shutil.copyfile(folder / "train.safetensors", folder / "calibration.safetensors")
    with pytest.raises(ValueError, match=r"calibration.safetensors with sha256"):
        read_prepared(folder)
