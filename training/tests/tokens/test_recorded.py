import json
from pathlib import Path

import pytest
from tokenizers.normalizers import NFD

from training.tests.record_tokens import ROOT, TOKENIZERS, recorded
from training.tests.tokens.character_tables import ALL, only

RECORDED = recorded()
LAST_CLASS = "\u0345"
"""The mark that all others are sorted before."""


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.name)
def test_the_installed_package_does_what_was_recorded(path: Path) -> None:
    """Where it does not: record anew, and see in the difference what has changed."""
    assert path.read_text("utf-8") == RECORDED[path]


@pytest.mark.parametrize("path", TOKENIZERS)
def test_marks_that_are_sorted_and_stay_are_in_no_vocabulary(path: str) -> None:
    """TypeScript does not sort them: a word with one is unknown, whatever their order."""
    letters = {*"".join(json.loads((ROOT / path).read_text("utf-8"))["model"]["vocab"])}
    sort, strip = NFD().normalize_str, only("strip_accents").normalize_str
    marks = {chr(point) for point in ALL if sort(f"a{LAST_CLASS}{chr(point)}").endswith(LAST_CLASS)}
    staying = {mark for mark in marks if strip(f"a{mark}") != "a"}
    assert len(staying) > 50
    assert not staying & letters
