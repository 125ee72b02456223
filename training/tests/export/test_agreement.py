"""How agreement between variants is counted."""

import numpy as np

from training.export.agreement import compare


def test_agreement_counts_labels_by_exit_and_margins_of_the_last() -> None:
    fp16 = np.array([[[1.0, 0.0, -1.0], [2.0, 0.0, 1.0]], [[0.0, 1.0, 0.5], [0.0, 3.0, 1.0]]], np.float32)
    q8 = fp16.copy()
    q8[0, 0] = [0.0, 1.0, -1.0]
    # The margin of the second row is 3 - 1; the third class falls by 0.5.
    q8[1, 1, 2] = 0.5
    found = compare(fp16, q8)
    assert found.by_exit.tolist() == [50.0, 100.0]
    assert found.margin_change == 0.25
