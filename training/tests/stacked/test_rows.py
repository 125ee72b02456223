"""Rows in one table, their pools, and the steps planned over them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from training.data.glue import TASKS
from training.data.prepared import read_prepared
from training.data.tasks import class_slices
from training.stacked.rows import (
    Pool,
    RowTable,
    batches_by_length,
    drawn_rows,
    joined,
    plan_steps,
    task_pools,
)

pytestmark = pytest.mark.usefixtures("one_thread")


def test_a_table_holds_the_rows_and_their_gold_labels(prepared: Path, calibration: RowTable) -> None:
    splits = read_prepared(prepared).calibration
    start = 0
    for place, task in enumerate(TASKS):
        rows = splits[task.key]
        for row in range(len(rows)):
            words = calibration.words(torch.tensor([[start + row]]), 32)
            expected, length = rows.encoded(row), int(rows.lengths[row])
            assert words.ids[0, 0].tolist() == expected.input_ids + [0] * (32 - length)
            assert words.types[0, 0].tolist() == expected.token_type_ids + [0] * (32 - length)
            assert words.real[0, 0].sum() == length
        own, slice_ = calibration.task == place, slice(*class_slices(TASKS)[task.key])
        assert own.sum() == len(rows)
        np.testing.assert_array_equal(calibration.targets[own, slice_].argmax(1).numpy(), rows.gold)
        start += len(rows)
    mnli, rte = calibration.task == 6, class_slices(TASKS)["rte"][0]
    assert calibration.weights[mnli].unique(dim=0).tolist() == [[0, 0, 0, 0, 0.5, 0, 1]]
    np.testing.assert_array_equal(calibration.targets[mnli, rte].numpy(), splits["mnli"].gold == 0)


def test_joined_tables_keep_their_rows(calibration: RowTable) -> None:
    other = replace(calibration, ids=calibration.ids + 1)
    both, rows = joined(calibration, other), torch.arange(len(calibration)).unsqueeze(0)
    shifted = both.words(rows + len(calibration), 32)
    plain = both.words(rows, 32)
    assert torch.equal(plain.ids, calibration.words(rows, 32).ids)
    assert torch.equal(shifted.ids, torch.where(plain.real, plain.ids + 1, 0))


def test_an_epochs_plan_has_every_row_once_and_similar_widths() -> None:
    random = np.random.default_rng(4)
    lengths = random.integers(3, 129, 4000)
    drawn = [random.permutation(4000)[:3200], random.permutation(4000)[:3216]]
    steps = plan_steps(lengths, drawn, 16, random)
    assert len(steps) == 200
    for member in range(2):
        rows = np.concatenate([step.rows[member] for step in steps])
        assert len(set(rows)) == 3200 and set(rows) <= set(drawn[member])
    assert set(np.concatenate([step.rows[0] for step in steps])) == set(drawn[0])
    spans = [np.ptp(lengths[step.rows]) for step in steps]
    assert all(step.width % 8 == 0 and 0 <= step.width - lengths[step.rows].max() < 8 for step in steps)
    assert np.mean(spans) < 12
    assert [step.width for step in steps] != sorted(step.width for step in steps)


def test_pools_thin_out_or_repeat_their_rows(calibration: RowTable) -> None:
    seen = np.arange(len(calibration)) % 2 == 0
    pools = task_pools(calibration, {"sst2": 0.5, "rte": 2.5}, seen)
    assert sorted(np.concatenate([pool.rows for pool in pools])) == np.flatnonzero(seen).tolist()
    assert [pool.share for pool in pools] == [0.5, 1, 1, 1, 2.5, 1, 1]
    drawn = drawn_rows([Pool(np.arange(10), 0.5), Pool(np.arange(10, 20), 2.5)], np.random.default_rng(1))
    counts = np.bincount(drawn, minlength=20)
    assert counts[:10].sum() == 5 and counts[:10].max() == 1 and set(counts[10:]) == {2, 3}


def test_batches_by_length_hold_all_rows_within_the_tokens() -> None:
    lengths = np.random.default_rng(1).integers(3, 129, 500)
    batches = list(batches_by_length(lengths, 512))
    assert sorted(np.concatenate(batches)) == list(range(500))
    assert all(len(batch) * lengths[batch].max() <= 512 for batch in batches)
    assert [batch.tolist() for batch in batches_by_length(np.array([9, 3]), 4)] == [[0], [1]]
