from pathlib import Path

import pytest

from training.tests.record_tokens import recorded

RECORDED = recorded()


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_the_installed_package_does_what_was_recorded(path: Path) -> None:
    """Where it does not: record anew, and see in the difference what has changed."""
    assert path.read_text("utf-8") == RECORDED[path]
