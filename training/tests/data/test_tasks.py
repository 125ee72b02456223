"""Reading GLUE files and tokenising."""

from pathlib import Path

import numpy as np
import pytest

from training.data.glue import TASKS
from training.data.rows import read_rows
from training.data.tasks import class_slices, select_tasks, total_classes
from training.data.tokenise import Encoded, encode, load_tokenizer, padded_batches


def test_slices_cover_all_classes() -> None:
    assert (
        class_slices(TASKS)["sst2"] == (0, 2) and class_slices(TASKS)["mnli"] == (12, 15) and total_classes(TASKS) == 15
    )


def test_malformed_row_is_named(glue: Path) -> None:
    path = glue / "SST-2" / "dev.tsv"
    path.write_text("sentence\tlabel\na film\t1\na film\t2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="SST-2, line 3"):
        read_rows(glue, TASKS[0], "dev")


def test_unicode_line_separator_does_not_split_a_row(glue: Path) -> None:
    (glue / "SST-2" / "dev.tsv").write_text("sentence\tlabel\na\u2028film\t1\n", encoding="utf-8")
    assert read_rows(glue, TASKS[0], "dev")[0].texts == ("a\u2028film",)


def test_unknown_task_is_refused() -> None:
    with pytest.raises(ValueError, match="wnli"):
        select_tasks(TASKS, "sst2,wnli")


def test_long_pair_loses_its_longer_text_first(exported: Path) -> None:
    tokenizer = load_tokenizer(exported / "tokenizer.json", max_tokens=16)
    (encoded,) = encode(tokenizer, [("film " * 3, "good " * 40)])
    assert len(encoded.input_ids) == 16
    assert encoded.token_type_ids == [0] * 5 + [1] * 11


def test_batches_hold_every_row_once_with_a_mask() -> None:
    encoded = [Encoded([1] * length, [0] * length) for length in (3, 1, 2, 5, 4)]
    batches = list(padded_batches(encoded, batch_size=2))
    assert sorted(row for batch in batches for row in batch.rows) == [0, 1, 2, 3, 4]
    for batch in batches:
        lengths = [len(encoded[row].input_ids) for row in batch.rows]
        np.testing.assert_array_equal(batch.attention_mask.sum(axis=1), lengths)
        assert batch.input_ids.dtype == np.int32
