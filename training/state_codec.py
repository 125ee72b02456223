"""The coded payload: a transform code for the hidden state after one layer, its file and its wire format.

A token is turned into coordinates, each is rounded to whole steps, and an entropy coder writes those. Steps are finer
for tokens on which the last exit depends more (their level), and finer altogether where the budget allows (the
fineness). `core/protocol/PROTOCOL.md`, TF8, has it in full.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from training.rans import TOTAL, Decoder, encode

FINEST = 255
# A step is 2^(-level / 2 - fineness / 16); a class is a quarter of an octave.
_FINENESS_AN_OCTAVE = 16
_FINENESS_A_CLASS = 4
# Below one half, so that numbers between two steps go to the one nearer zero, which is cheaper.
ROUNDING = 0.42
# Fineness, the coder's state, and a last byte that is not full.
_OVERHEAD = 1 + 4 + 1


@dataclass(frozen=True)
class StateCodec:
    """`mean` [hidden], `encoder` and `decoder` [hidden, hidden], `importance` [hidden], `offset`: float16.

    Coordinates are (h − mean) · encoder, and back mean + z · decoder; a token's level is (h − mean) · importance +
    offset, rounded, from 0 to levels − 1. `level_frequencies` [levels], of sum rans.TOTAL. `classes` [levels, hidden]:
    the distribution of each coordinate at fineness 0; `frequencies` of each class: those of the values 0, 1, … its
    largest; a negative value is as frequent as its positive one. Raises ValueError for what does not fit together.
    """

    mean: np.ndarray
    encoder: np.ndarray
    decoder: np.ndarray
    importance: np.ndarray
    offset: np.float16
    level_frequencies: np.ndarray
    classes: np.ndarray
    frequencies: list[np.ndarray]

    def __post_init__(self) -> None:
        hidden, levels = len(self.mean), len(self.level_frequencies)
        shapes = {"encoder": (hidden, hidden), "decoder": (hidden, hidden), "importance": (hidden,), "mean": (hidden,)}
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape or array.dtype != np.float16 or not np.isfinite(array).all():
                raise ValueError(f"expected {name} of finite float16 {shape}, got {array.dtype} {array.shape}")
        if self.classes.shape != (levels, hidden) or not (self.classes < len(self.frequencies)).all():
            raise ValueError(f"expected classes {(levels, hidden)} below {len(self.frequencies)}")
        sums = [self.level_frequencies.sum(), *(2 * table.sum() - table[0] for table in self.frequencies)]
        if set(sums) != {TOTAL} or min(table.min() for table in (self.level_frequencies, *self.frequencies)) < 1:
            raise ValueError(f"expected frequencies of at least 1 that sum to {TOTAL}, got sums {sums}")

    @cached_property
    def largest(self) -> np.ndarray:
        """The largest magnitude in each class, [classes]."""
        return np.array([len(table) - 1 for table in self.frequencies])

    @cached_property
    def _bits(self) -> np.ndarray:
        """What a magnitude takes in each class, its sign included, [classes, largest + 1]."""
        bits = np.zeros((len(self.frequencies), int(self.largest.max()) + 1))
        for row, table in zip(bits, self.frequencies, strict=True):
            row[: len(table)] = -np.log2(table / TOTAL)
        return bits

    def analyse(self, hidden_state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return levels [tokens] and coordinates [tokens, hidden], each in the steps of fineness 0."""
        centred = hidden_state - self.mean.astype(np.float32)
        wanted = np.round(centred @ self.importance.astype(np.float32) + np.float32(self.offset))
        levels = np.clip(wanted, 0, len(self.level_frequencies) - 1).astype(int)
        return levels, (centred @ self.encoder.astype(np.float32)) * np.exp2(levels / 2)[:, np.newaxis]

    def classes_at(self, levels: np.ndarray, fineness: int) -> np.ndarray:
        """Return the class of each coordinate, [tokens, hidden]."""
        finer = (fineness + _FINENESS_A_CLASS // 2) // _FINENESS_A_CLASS
        return np.minimum(self.classes[levels] + finer, len(self.frequencies) - 1)

    def round(self, coordinates: np.ndarray, classes: np.ndarray, fineness: int) -> np.ndarray:
        """Return whole steps [tokens, hidden]."""
        steps = coordinates * 2 ** (fineness / _FINENESS_AN_OCTAVE)
        magnitudes = np.minimum(np.floor(np.abs(steps) + ROUNDING), self.largest[classes])
        return (np.sign(steps) * magnitudes).astype(int)

    def restore(self, steps: np.ndarray, levels: np.ndarray, fineness: int) -> np.ndarray:
        """Return the hidden state [tokens, hidden] float32 that whole steps stand for."""
        latents = steps * np.exp2(-levels / 2 - fineness / _FINENESS_AN_OCTAVE)[:, np.newaxis]
        return self.mean.astype(np.float32) + latents.astype(np.float32) @ self.decoder.astype(np.float32)

    def bytes_at(self, levels: np.ndarray, coordinates: np.ndarray, fineness: int) -> float:
        """Return what a payload takes at most, by the entropy of its symbols."""
        classes = self.classes_at(levels, fineness)
        steps = np.abs(self.round(coordinates, classes, fineness))
        bits = self._bits[classes, steps].sum() - np.log2(self.level_frequencies[levels] / TOTAL).sum()
        return _OVERHEAD + bits / 8

    def fineness_that_cuts(self, levels: np.ndarray, coordinates: np.ndarray) -> int:
        """Return the least fineness at which a coordinate of the last class is larger than any value there.

        FINEST + 1 where there is none.
        """
        in_last = _FINENESS_A_CLASS * (len(self.frequencies) - 1 - self.classes[levels] - 0.5)
        magnitudes = np.maximum(np.abs(coordinates), np.finfo(np.float32).tiny)
        cut = _FINENESS_AN_OCTAVE * np.log2((self.largest[-1] + 1 - ROUNDING) / magnitudes)
        return int(np.clip(np.ceil(np.maximum(in_last, cut).min()), 0, FINEST + 1))

    def fineness_within(self, levels: np.ndarray, coordinates: np.ndarray, budget: float) -> int:
        """Return the largest fineness whose payload is sure to have at most `budget` bytes and cuts nothing, or 0."""
        low, high = 0, self.fineness_that_cuts(levels, coordinates)
        while high - low > 1:
            middle = (low + high) // 2
            if self.bytes_at(levels, coordinates, middle) <= budget:
                low = middle
            else:
                high = middle
        return low

    def carried(self, hidden_state: np.ndarray, bytes_per_token: int) -> np.ndarray:
        """Return what a payload within this budget makes of a hidden state [tokens, hidden] float32."""
        levels, coordinates = self.analyse(hidden_state)
        fineness = self.fineness_within(levels, coordinates, bytes_per_token * len(levels))
        steps = self.round(coordinates, self.classes_at(levels, fineness), fineness)
        return self.restore(steps, levels, fineness)


def encode_payload(codec: StateCodec, hidden_state: np.ndarray, bytes_per_token: int) -> bytes:
    """Return the wire's bytes of a hidden state [tokens, hidden] float32, the finest within the budget.

    One byte of fineness; then, token by token, its level and its steps, as rANS symbols.
    """
    levels, coordinates = codec.analyse(hidden_state)
    budget = bytes_per_token * len(levels)
    fineness = codec.fineness_within(levels, coordinates, budget)
    payload = _payload(codec, levels, coordinates, fineness)
    while fineness + 1 < codec.fineness_that_cuts(levels, coordinates):
        finer = _payload(codec, levels, coordinates, fineness + 1)
        if len(finer) > budget:
            break
        fineness, payload = fineness + 1, finer
    return payload


def decode_payload(codec: StateCodec, payload: bytes, tokens: int) -> np.ndarray:
    """Read the wire's bytes as a hidden state [tokens, hidden] float32. Raises ValueError where they do not fit."""
    if not payload:
        raise ValueError("expected a payload, got no bytes")
    fineness, symbols = payload[0], Decoder(payload[1:])
    tables = [_starts(_mirrored(table)) for table in codec.frequencies]
    levels_table = _starts(codec.level_frequencies)
    levels, steps = np.zeros(tokens, int), np.zeros((tokens, len(codec.mean)), int)
    for token in range(tokens):
        levels[token] = _take(symbols, levels_table)
        classes = codec.classes_at(levels[token : token + 1], fineness)[0]
        steps[token] = [_take(symbols, tables[cell]) - codec.largest[cell] for cell in classes]
    symbols.finish()
    return codec.restore(steps, levels, fineness)


def write_codec(codec: StateCodec) -> bytes:
    """Return the file's bytes: 16-bit words, little-endian, in the order of the fields.

    Of the classes first all largest magnitudes, then all frequencies; a frequency is written less 1.
    """
    floats = (codec.mean, codec.encoder, codec.decoder, codec.importance, codec.offset)
    whole = (codec.level_frequencies - 1, codec.classes, codec.largest, *(table - 1 for table in codec.frequencies))
    words = [np.asarray(part).astype("<f2") for part in floats] + [part.astype("<u2") for part in whole]
    return b"".join(part.tobytes() for part in words)


def read_codec(content: bytes, hidden: int, levels: int, classes: int) -> StateCodec:
    """Read a file's bytes back. Raises ValueError for another length, or numbers that do not fit together."""
    floats = 2 * hidden * hidden + 2 * hidden + 1
    fixed = floats + levels + levels * hidden + classes
    words = np.frombuffer(content, "<u2", len(content) // 2)
    largest = words[fixed - classes : fixed].astype(int)
    if len(content) != 2 * (fixed + int((largest + 1).sum())) or len(largest) != classes:
        raise ValueError(f"expected the bytes of a codec of {hidden} numbers, {levels} levels and {classes} classes")
    ends = np.cumsum([hidden, hidden * hidden, hidden * hidden, hidden])
    mean, encoder, decoder, importance, offset = np.split(words[:floats].view("<f2").astype(np.float16), ends)
    level_frequencies, cells = np.split(words[floats : fixed - classes].astype(int), [levels])
    tables = np.split(words[fixed:].astype(int) + 1, np.cumsum(largest + 1)[:-1])
    return StateCodec(
        mean,
        encoder.reshape(hidden, hidden),
        decoder.reshape(hidden, hidden),
        importance,
        offset[0],
        level_frequencies + 1,
        cells.reshape(levels, hidden),
        tables,
    )


def _payload(codec: StateCodec, levels: np.ndarray, coordinates: np.ndarray, fineness: int) -> bytes:
    classes = codec.classes_at(levels, fineness)
    steps = codec.round(coordinates, classes, fineness)
    level_starts = _starts(codec.level_frequencies)
    tables = {int(cell): _mirrored(codec.frequencies[cell]) for cell in np.unique(classes)}
    starts = {cell: _starts(table) for cell, table in tables.items()}
    intervals: list[tuple[int, int]] = []
    for level, cells, row in zip(levels, classes, steps, strict=True):
        intervals.append((int(level_starts[level]), int(codec.level_frequencies[level])))
        for cell, step in zip(cells.tolist(), row, strict=True):
            place = step + codec.largest[cell]
            intervals.append((int(starts[cell][place]), int(tables[cell][place])))
    return bytes([fineness]) + encode(intervals)


def _mirrored(table: np.ndarray) -> np.ndarray:
    """The frequencies of −largest … largest."""
    return np.concatenate([table[:0:-1], table])


def _starts(frequencies: np.ndarray) -> np.ndarray:
    """Where each symbol's interval starts, and TOTAL at the end."""
    return np.concatenate([[0], np.cumsum(frequencies)])


def _take(symbols: Decoder, starts: np.ndarray) -> int:
    place = int(np.searchsorted(starts, symbols.slot, side="right")) - 1
    symbols.take(int(starts[place]), int(starts[place + 1] - starts[place]))
    return place
