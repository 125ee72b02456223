"""Rows as people mistype them: neighbouring letters swapped in some words, other words left out."""

from dataclasses import dataclass, replace

import numpy as np

from training.data.tasks import Row


@dataclass(frozen=True)
class Noise:
    """How strong: shares of all words, 0 to 1, drawn word by word. A word that is left out is not mistyped."""

    swapped_share: float
    dropped_share: float

    def facts(self) -> dict[str, float]:
        """Return the shares by their names in the manifest."""
        return {"swappedShare": self.swapped_share, "droppedShare": self.dropped_share}

    def noised(self, row: Row, random: np.random.Generator) -> Row:
        """Return the row with its texts mistyped; its label stays, even where the text no longer has it."""
        return replace(row, texts=tuple(self._text(text, random) for text in row.texts))

    def _text(self, text: str, random: np.random.Generator) -> str:
        words = text.split()
        kept = [word for word in words if random.random() >= self.dropped_share] or words
        return " ".join(_swapped(word, random) if random.random() < self.swapped_share else word for word in kept)


def sample_rows(rows: int, most: int, random: np.random.Generator) -> np.ndarray:
    """Return which of so many rows are taken: at most so many, drawn without replacement, ascending."""
    return np.sort(random.choice(rows, min(most, rows), replace=False))


def _swapped(word: str, random: np.random.Generator) -> str:
    """Return the word with two letters that stand side by side and differ exchanged, where it has such."""
    places = [i for i in range(len(word) - 1) if word[i : i + 2].isalpha() and word[i] != word[i + 1]]
    if not places:
        return word
    place = places[random.integers(len(places))]
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
