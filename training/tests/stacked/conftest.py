"""Fixtures that several test files of this room share."""

from pathlib import Path

import pytest

from training.data.prepared import read_prepared
from training.stacked.rows import (
    RowTable,
    row_table,
)
from training.tests.stacked.shared import CPU


@pytest.fixture
def calibration(prepared: Path) -> RowTable:
    """The table of the tiny calibration rows."""
    return row_table(read_prepared(prepared).calibration, 0.5, CPU)
