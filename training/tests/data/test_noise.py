"""Rows as people mistype them."""

import numpy as np

from training.data.noise import Noise, sample_rows
from training.data.tasks import Row

ROW = Row(("abcd efgh ijkl", "xx yz"), 1)


def noised(noise: Noise, seed: int = 0) -> tuple[str, ...]:
    return noise.noised(ROW, np.random.default_rng(seed)).texts


def test_letters_side_by_side_change_places_in_every_word_that_has_two_that_differ() -> None:
    first, second = noised(Noise(swapped_share=1, dropped_share=0))
    for before, after in zip(["abcd", "efgh", "ijkl"], first.split(), strict=True):
        changed = [place for place in range(4) if before[place] != after[place]]
        assert len(changed) == 2 and changed[1] == changed[0] + 1
        assert sorted(before) == sorted(after)
    assert second == "xx zy"


def test_words_are_left_out_and_a_text_never_is() -> None:
    assert noised(Noise(swapped_share=0, dropped_share=0)) == ROW.texts
    assert noised(Noise(swapped_share=0, dropped_share=1)) == ROW.texts
    lengths = [len(noised(Noise(0, 0.5), seed)[0].split()) for seed in range(60)]
    assert min(lengths) == 1 and 1.2 < np.mean(lengths) < 2.2


def test_a_sample_is_drawn_without_replacement_and_in_order() -> None:
    drawn = sample_rows(50, 20, np.random.default_rng(1)).tolist()
    assert drawn == sorted(set(drawn)) and len(drawn) == 20 and max(drawn) < 50
    assert sample_rows(50, 80, np.random.default_rng(1)).tolist() == list(range(50))
