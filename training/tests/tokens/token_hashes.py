"""Hashes of the tokens that the Python tokeniser gives, by which core/testing/same-tokens.ts finds what differs."""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path

from tokenizers import Tokenizer

from training.tests.tokens.character_tables import ALL, base36

SEED = 17
STRINGS = 10_000
MOST_PARTS = 20
PARTS: tuple[str | tuple[int, int], ...] = (
    *("the", "film", "un", "believ", "ing", "x" * 101, "##ing", "[SEP]", "[CLS]", "[MASK]", "[UNK]", "[PAD]"),
    *(" ", " ", " ", " ", "\u0130", "\ufb01", "\u039f\u0394\u039f\u03a3", "\u200b", "\u202e", "\u200d", "\ufe0f"),
    *((97, 122), (97, 122), (97, 122), (65, 90), (48, 57), (33, 47), (0x00, 0x2FF), (0x300, 0x36F), (0x370, 0x3FF)),
    *((0x400, 0x52F), (0x590, 0x6FF), (0x900, 0xDFF), (0x1C80, 0x1FFF), (0x2000, 0x206F), (0x20A0, 0x2BFF)),
    *((0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xA000, 0xABFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE00, 0xFFFF)),
    *((0x10000, 0x1FFFF), (0x1F300, 0x1FAFF), (0x20000, 0x323AF), (0xE0000, 0xE01EF), (0, 0xD7FF), (0xE000, 0x10FFFF)),
)
"""What mixed strings are made of: texts, and first and last code points to draw from."""


def tokenizer_without_special_tokens(path: Path) -> Tokenizer:
    """To which what looks like a special token is text like any other."""
    file = json.loads(path.read_text("utf-8"))
    return Tokenizer.from_str(json.dumps({**file, "added_tokens": [], "post_processor": None}))


def code_point_hashes(tokenizer: Tokenizer) -> str:
    """Of every code point, alone and between two letters, in runs of what is alike."""
    points = hashes(tokenizer, (f"{chr(point)} a{chr(point)}b" for point in ALL))
    runs = ((value, len(list(run))) for value, run in groupby(points))
    return " ".join(value if count == 1 else f"{value}*{base36(count)}" for value, count in runs)


def mixed_string_hashes(tokenizer: Tokenizer) -> str:
    """Of the mixed strings in order."""
    return "".join(hashes(tokenizer, mixed_strings()))


def hashes(tokenizer: Tokenizer, texts: Iterable[str]) -> Iterator[str]:
    """One for each text."""
    rest = iter(texts)
    while batch := list(islice(rest, 10_000)):
        for encoding in tokenizer.encode_batch(batch, add_special_tokens=False):
            yield hash_of(encoding.ids)


def hash_of(ids: Sequence[int]) -> str:
    """The first 18 bits of FNV-1a over the ids in words, in base 64."""
    value = 0x811C9DC5
    for byte in ",".join(map(str, ids)).encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return base64.b64encode((value >> 14 << 6).to_bytes(3)).decode()[:3]


def mixed_strings() -> Iterator[str]:
    """The same for ever: lots are drawn as core/testing/same-tokens.ts draws them."""
    random = mulberry32(SEED)

    def below(bound: int) -> int:
        return int(next(random) * bound)

    def draw() -> str:
        part = PARTS[below(len(PARTS))]
        return part if isinstance(part, str) else chr(part[0] + below(part[1] - part[0] + 1))

    for _ in range(STRINGS):
        yield "".join([draw() for _ in range(1 + below(MOST_PARTS))])


def mulberry32(state: int) -> Iterator[float]:
    """The numbers of core/testing/random.ts."""
    word = 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & word
        mixed = (state ^ state >> 15) * (state | 1) & word
        mixed ^= (mixed + ((mixed ^ mixed >> 7) * (mixed | 61) & word)) & word
        yield (mixed ^ mixed >> 14) / 2**32
