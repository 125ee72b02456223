"""Texts to token ids with tokenizer.json, and padded batches of similar length."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

MAX_TOKENS = 128


@dataclass(frozen=True)
class Encoded:
    """One tokenised row; both lists have one entry per token, special tokens included."""

    input_ids: list[int]
    token_type_ids: list[int]


@dataclass(frozen=True)
class Batch:
    """Padded rows. `rows` are their indices in the list given to `padded_batches`.

    `input_ids`, `token_type_ids`, `attention_mask`: [batch, tokens] int32, padded with zeros on the right.
    """

    rows: list[int]
    input_ids: np.ndarray
    token_type_ids: np.ndarray
    attention_mask: np.ndarray


def load_tokenizer(path: Path, max_tokens: int = MAX_TOKENS) -> Tokenizer:
    """Load tokenizer.json, set to cut at `max_tokens` (of a pair, the longer text first) and not to pad."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(max_length=max_tokens, strategy="longest_first")
    tokenizer.no_padding()
    return tokenizer


def encode(tokenizer: Tokenizer, rows: Sequence[tuple[str, ...]]) -> list[Encoded]:
    """Tokenise single texts or pairs, in order. Raises ValueError for a row of another length."""
    for texts in rows:
        if len(texts) not in (1, 2):
            raise ValueError(f"expected one text or a pair, got {len(texts)} texts")
    inputs = [texts[0] if len(texts) == 1 else tuple(texts) for texts in rows]
    return [Encoded(e.ids, e.type_ids) for e in tokenizer.encode_batch(inputs)]


def padded_batches(encoded: Sequence[Encoded], batch_size: int) -> Iterator[Batch]:
    """Yield all rows, sorted by length so that little is padded; `Batch.rows` says where each belongs."""
    order = sorted(range(len(encoded)), key=lambda row: len(encoded[row].input_ids))
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        yield pad([encoded[row] for row in rows], rows)


def pad(encoded: Sequence[Encoded], rows: list[int]) -> Batch:
    """Put these rows into one batch as wide as the longest; `rows` are the indices that it will name."""
    tokens = max(len(row.input_ids) for row in encoded)
    input_ids, token_type_ids, attention_mask = (np.zeros((len(encoded), tokens), np.int32) for _ in range(3))
    for line, row in enumerate(encoded):
        length = len(row.input_ids)
        input_ids[line, :length] = row.input_ids
        token_type_ids[line, :length] = row.token_type_ids
        attention_mask[line, :length] = 1
    return Batch(rows, input_ids, token_type_ids, attention_mask)
