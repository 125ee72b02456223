"""Dev rows in other rows."""

from training.data.leakage import normalised, overlap
from training.data.tasks import Row


def test_rows_are_found_whole_and_by_one_text() -> None:
    others = [Row(("The cat sat.", "A cat was sitting."), 0), Row(("It rained.", "It was wet."), 1)]
    dev = [
        Row(("The cat sat.", "A cat was sitting."), 1),
        Row(("a cat was sitting", "THE CAT SAT!"), 0),
        Row(("It rained.", "It was dry."), 1),
        Row(("Nothing of it.", "Nor of that."), 1),
    ]
    found = overlap(dev, others)
    assert (found.exact, found.normalised, found.one_text) == (1, 2, 3)


def test_normalised_is_letters_and_digits() -> None:
    assert normalised("Café № 5 — “Über”!") == normalised("CAFÉ no5 über")
    assert normalised("so good") != normalised("no good")
