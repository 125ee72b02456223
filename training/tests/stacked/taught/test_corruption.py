"""Copies of rows in which words are replaced."""

from pathlib import Path

import numpy as np
import pytest
import torch

from training.data.prepared import read_prepared
from training.model.weights import read_tensors
from training.stacked.corruption import Corruption, corrupted_copies, nearest_words, whole_words
from training.stacked.inputs import read_tokenizer
from training.stacked.rows import RowTable
from training.tests.tiny.weights import write_encoder

pytestmark = pytest.mark.usefixtures("one_thread")


def test_neighbours_are_the_whole_words_of_largest_cosine(prepared: Path, encoder: Path) -> None:
    vocabulary = read_tokenizer(encoder)[0].get_vocab()
    words = whole_words(vocabulary, [read_prepared(prepared).train])
    assert words.tolist() == sorted(vocabulary[w] for w in ("a", "film", "the", "is", "good", "bad", "not", "why"))
    embeddings = read_tensors(encoder)["embeddings.word_embeddings.weight"]
    neighbours = nearest_words(embeddings, words, 3)
    centred = embeddings - embeddings[words].mean(axis=0)
    for piece in range(len(embeddings)):
        if piece not in words:
            assert (neighbours[piece] == 0).all()
            continue
        norms = np.linalg.norm(centred, axis=1) * np.linalg.norm(centred[piece])
        cosines = centred @ centred[piece] / norms
        others = sorted((word for word in words if word != piece), key=lambda word: -cosines[word])
        assert set(neighbours[piece]) == set(others[:3])
    with pytest.raises(ValueError, match="more than 8 words in the rows, got 8; lower nearest_words"):
        nearest_words(embeddings, words, 8)


def test_copies_replace_their_share_of_the_words_and_nothing_else(table: RowTable, corruption: Corruption) -> None:
    copies = list(corrupted_copies(table, corruption, (0.3, 0.6), seed=7))
    again = list(corrupted_copies(table, corruption, (0.3, 0.6), seed=7))
    other = list(corrupted_copies(table, corruption, (0.3, 0.6), seed=8))
    words = corruption.neighbours[table.ids, 0] > 0
    for copy, twin, stranger, share in zip(copies, again, other, (0.3, 0.6), strict=True):
        assert torch.equal(copy.ids, twin.ids) and not torch.equal(copy.ids, stranger.ids)
        assert torch.equal(copy.starts, table.starts) and torch.equal(copy.lengths, table.lengths)
        changed = (copy.ids != table.ids).numpy()
        assert not changed[~words].any()
        assert changed[words].mean() == pytest.approx(share, abs=0.04)
        assert (copy.ids[changed] == corruption.mask).float().mean() == pytest.approx(0.2, abs=0.05)
        kept = changed & (copy.ids != corruption.mask).numpy()
        assert all(new in corruption.neighbours[old] for old, new in zip(table.ids[kept], copy.ids[kept], strict=True))


def test_an_encoder_without_a_mask_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"with the piece \[MASK\]"):
        read_tokenizer(write_encoder(tmp_path))
