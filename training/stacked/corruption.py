"""Copies of rows in which some words are others of similar meaning, or masked: texts that nobody wrote a label for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from training.data.prepared import EncodedRows
from training.stacked.rows import RowTable

_BLOCK_ROWS = 1000


@dataclass(frozen=True)
class Corruption:
    """What may replace a word piece.

    `neighbours` [pieces, nearest] uint16: ids of the words nearest to each piece, all 0 for a piece that stays as it
    is; `mask`: the id of [MASK]; `masked_share`: of the replaced pieces.
    """

    neighbours: np.ndarray
    mask: int
    masked_share: float

    def corrupted(self, ids: np.ndarray, share: float, random: np.random.Generator) -> np.ndarray:
        """Return token ids [tokens] int64 of which the share given, of those with neighbours, is replaced."""
        replaced = (random.random(len(ids)) < share) & (self.neighbours[ids, 0] > 0)
        others = self.neighbours[ids, random.integers(0, self.neighbours.shape[1], len(ids))].astype(np.int64)
        others = np.where(random.random(len(ids)) < self.masked_share, self.mask, others)
        return np.where(replaced, others, ids)


def whole_words(vocabulary: Mapping[str, int], splits: Iterable[Mapping[str, EncodedRows]]) -> np.ndarray:
    """Return the ids, rising, of the pieces that occur in the rows and are a whole word of letters."""
    occurring = {int(piece) for split in splits for rows in split.values() for piece in np.unique(rows.input_ids)}
    return np.array(sorted(piece for word, piece in vocabulary.items() if piece in occurring and word.isalpha()))


def nearest_words(table: np.ndarray, words: np.ndarray, count: int) -> np.ndarray:
    """Return `Corruption.neighbours` of these words: those of the largest cosine between them, less their mean.

    `table` [pieces, hidden] float32: the encoder's word embeddings; `words` [words] piece ids. Raises ValueError for
    too few words.
    """
    if len(words) <= count:
        raise ValueError(f"expected more than {count} words in the rows, got {len(words)}; lower nearest_words")
    centred = table[words] - table[words].mean(axis=0)
    directions = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    neighbours = np.zeros((len(table), count), np.uint16)
    for start in range(0, len(words), _BLOCK_ROWS):
        block = directions[start : start + _BLOCK_ROWS]
        cosines = block @ directions.T
        cosines[np.arange(len(block)), start + np.arange(len(block))] = -np.inf
        nearest = np.argpartition(-cosines, count, axis=1)[:, :count]
        neighbours[words[start : start + _BLOCK_ROWS]] = words[nearest]
    return neighbours


def corrupted_copies(table: RowTable, corruption: Corruption, shares: Sequence[float], seed: int) -> Iterator[RowTable]:
    """Yield a copy of the table for each share, its words replaced anew; the same for the same seed."""
    ids = table.ids.cpu().numpy()
    for number, share in enumerate(shares):
        replaced = corruption.corrupted(ids, share, np.random.default_rng([seed, number]))
        yield replace(table, ids=torch.from_numpy(replaced).to(table.ids.device))
