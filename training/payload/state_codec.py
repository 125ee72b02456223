"""A codec: how the hidden state after one layer is written in few bytes, and the file that says so.

A token is turned into coordinates; what neither the token before it nor the nearest codeword of a codebook foretells of
them is rounded to whole steps, and an entropy coder writes those. Steps are finer for tokens on which the last exit
depends more (their level), and finer altogether where the budget allows (the fineness); how far a token's steps scatter
goes with it (its spread). `core/protocol/PROTOCOL.md`, TF8, has it in full; the bytes themselves are the
page's and the tests' (`tests/payload/coded_payload.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

# Of all frequencies of a table of the entropy coder.
TOTAL = 1 << 16
FINEST = 255
# Spreads are half an octave apart, and the middle one is as the classes say.
SPREADS = 9
CLASSES_A_SPREAD = 2
# A step is 2^(-level / 2 - fineness / 16); a class is a quarter of an octave.
_FINENESS_AN_OCTAVE = 16
_FINENESS_A_CLASS = 4
# What a bit is worth in squared steps: a magnitude is one less where that saves more than it errs.
_SQUARES_A_BIT = 0.08
# Fineness, the coder's state, and a last byte that is not full.
_OVERHEAD = 1 + 4 + 1
# Where spreads are chosen, and the bits that one more of fineness usually takes, of each number.
_USUAL_FINENESS = 48
_BITS_A_FINENESS = 1 / _FINENESS_AN_OCTAVE


@dataclass(frozen=True)
class Analysis:
    """A hidden state before it is rounded: `codewords`, `levels`, `spreads` [tokens]; `coordinates` [tokens, hidden].

    `usual_bits`: about what they take at the usual fineness.
    """

    codewords: np.ndarray
    levels: np.ndarray
    spreads: np.ndarray
    coordinates: np.ndarray
    usual_bits: float


@dataclass(frozen=True)
class Rounded:
    """A hidden state in whole steps: `classes` and `steps` [tokens, hidden]; `latents` [tokens, hidden]: what they say.

    `bits`: what the steps take; `cut`: whether one was larger than the last class has.
    """

    classes: np.ndarray
    steps: np.ndarray
    latents: np.ndarray
    bits: float
    cut: bool


@dataclass(frozen=True)
class StateCodec:
    """`mean` [hidden], `encoder`, `decoder`, `predictor` [hidden, hidden], `importance` [hidden], `offset`: float16.

    `codebook` [codewords, hidden] and `weights` [hidden], float16 as well. Coordinates are z = (h − mean) · encoder,
    foretold as the token before times predictor plus the codeword that is nearest to what that leaves, by differences
    times the weights; they are read as mean + z · decoder. A token's level is (h − mean) · importance + offset,
    rounded, from 0 to levels − 1.
    `codeword_frequencies` [codewords], `level_frequencies` [levels] and `spread_frequencies` [SPREADS], each of sum
    TOTAL. `classes` [levels, hidden]: the distribution of what is left of each coordinate, at fineness 0;
    `frequencies` of each class: those of the values 0, 1, … its largest; a negative value is as frequent as its
    positive one. Raises ValueError for what does not fit together.
    """

    mean: np.ndarray
    encoder: np.ndarray
    decoder: np.ndarray
    predictor: np.ndarray
    importance: np.ndarray
    offset: np.float16
    weights: np.ndarray
    codebook: np.ndarray
    codeword_frequencies: np.ndarray
    level_frequencies: np.ndarray
    spread_frequencies: np.ndarray
    classes: np.ndarray
    frequencies: list[np.ndarray]

    def __post_init__(self) -> None:
        hidden, levels = len(self.mean), len(self.level_frequencies)
        rows = dict.fromkeys(("mean", "importance", "weights"), (hidden,))
        matrices = dict.fromkeys(("encoder", "decoder", "predictor"), (hidden, hidden))
        for name, shape in {**rows, **matrices, "codebook": (len(self.codeword_frequencies), hidden)}.items():
            array = getattr(self, name)
            if array.shape != shape or array.dtype != np.float16 or not np.isfinite(array).all():
                raise ValueError(f"expected {name} of finite float16 {shape}, got {array.dtype} {array.shape}")
        if self.classes.shape != (levels, hidden) or not (self.classes < len(self.frequencies)).all():
            raise ValueError(f"expected classes {(levels, hidden)} below {len(self.frequencies)}")
        if len(self.spread_frequencies) != SPREADS:
            raise ValueError(f"expected {SPREADS} frequencies of spreads, got {len(self.spread_frequencies)}")
        per_token = (self.codeword_frequencies, self.level_frequencies, self.spread_frequencies)
        tables = (*per_token, *(mirrored(table) for table in self.frequencies))
        if {table.sum() for table in tables} != {TOTAL} or min(table.min() for table in tables) < 1:
            raise ValueError(f"expected frequencies of at least 1 that sum to {TOTAL}")

    @cached_property
    def largest(self) -> np.ndarray:
        """The largest magnitude in each class, [classes]."""
        return np.array([len(table) - 1 for table in self.frequencies])

    @cached_property
    def _bits(self) -> np.ndarray:
        """What a magnitude takes in each class, its sign included, [classes, largest + 1]."""
        bits = np.zeros((len(self.frequencies), int(self.largest.max()) + 1), np.float32)
        for row, table in zip(bits, self.frequencies, strict=True):
            row[: len(table)] = -np.log2(table / TOTAL)
        return bits

    @cached_property
    def _begins(self) -> np.ndarray:
        """Where each magnitude begins, in steps, [classes, largest + 1]."""
        dearer = np.diff(self._bits, axis=1, prepend=0)
        return (np.arange(self._bits.shape[1]) - 0.5 + _SQUARES_A_BIT / 2 * dearer).astype(np.float32)

    @cached_property
    def _codebook(self) -> np.ndarray:
        """The codebook as it is computed with, float32."""
        return self.codebook.astype(np.float32)

    @cached_property
    def _matrices(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Encoder, decoder and predictor as they are computed with, float32."""
        return tuple(matrix.astype(np.float32) for matrix in (self.encoder, self.decoder, self.predictor))

    def coordinates(self, hidden_state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the levels [tokens] and coordinates [tokens, hidden] of a hidden state [tokens, hidden] float32."""
        centred = hidden_state - self.mean.astype(np.float32)
        wanted = np.round(centred @ self.importance.astype(np.float32) + np.float32(self.offset))
        levels = np.clip(wanted, 0, len(self.level_frequencies) - 1).astype(int)
        return levels, centred @ self._matrices[0]

    def analyse(self, hidden_state: np.ndarray) -> Analysis:
        """Turn a hidden state [tokens, hidden] float32 into what can be rounded."""
        levels, coordinates = self.coordinates(hidden_state)
        left = coordinates.copy()
        left[1:] -= self.foretell(coordinates[:-1])
        codewords = self.nearest(left)
        spreads, bits = self.spreads_of(levels, left - self._codebook[codewords])
        return Analysis(codewords, levels, spreads, coordinates, float(bits.sum()))

    def nearest(self, left: np.ndarray) -> np.ndarray:
        """Return the nearest codeword [tokens] to what the tokens before leave of coordinates [tokens, hidden]."""
        squares = np.square(self.weights.astype(np.float32))
        return (left @ (self._codebook * squares).T - np.square(self._codebook) @ squares / 2).argmax(1)

    def spreads_of(self, levels: np.ndarray, left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the spread [tokens] in which each token takes the fewest bits at the usual fineness, and those bits.

        `left` [tokens, hidden]: what is left of the coordinates where those before and the codewords are known.
        """
        steps = np.abs(left) / self.step(levels, _USUAL_FINENESS)[:, np.newaxis]
        bits = -np.log2(self.spread_frequencies / TOTAL)[:, np.newaxis].repeat(len(levels), 1)
        for spread in range(SPREADS):
            classes = self.classes_at(levels, np.full(len(levels), spread), _USUAL_FINENESS)
            bits[spread] += self._bits[classes, self._magnitudes(steps, classes)].sum(1)
        return bits.argmin(0), bits.min(0)

    def classes_at(self, levels: np.ndarray, spreads: np.ndarray, fineness: int) -> np.ndarray:
        """Return the class of each coordinate, [tokens, hidden]."""
        finer = (fineness + _FINENESS_A_CLASS // 2) // _FINENESS_A_CLASS
        wider = CLASSES_A_SPREAD * (spreads - SPREADS // 2)
        return np.clip(self.classes[levels] + finer + wider[:, np.newaxis], 0, len(self.frequencies) - 1)

    def round(self, analysis: Analysis, fineness: int) -> Rounded:
        """Round token by token, each foretold by its codeword and by what was written of the token before."""
        sizes = self.step(analysis.levels, fineness)
        classes = self.classes_at(analysis.levels, analysis.spreads, fineness)
        latents, steps = np.zeros_like(analysis.coordinates), np.zeros(classes.shape, int)
        cut = False
        for token, (size, row, cells) in enumerate(zip(sizes, analysis.coordinates, classes, strict=True)):
            foretold = self.foretold(latents[:token], analysis.codewords[token])
            left = (row - foretold) / size
            magnitudes = self._magnitudes(np.abs(left), cells)
            cut = cut or bool((np.abs(left) >= self.largest[cells] + 0.5)[cells == len(self.frequencies) - 1].any())
            steps[token] = np.sign(left) * magnitudes
            latents[token] = foretold + steps[token].astype(np.float32) * size
        return Rounded(classes, steps, latents, float(self._bits[classes, np.abs(steps)].sum()), cut)

    def foretell(self, latents: np.ndarray) -> np.ndarray:
        """Return what coordinates [..., hidden] foretell of the next token's."""
        return latents @ self._matrices[2]

    def foretold(self, before: np.ndarray, codeword: int) -> np.ndarray:
        """Return what is foretold of a token's coordinates [hidden], from those before it as they are read."""
        return self._codebook[codeword] + self.foretell(before[-1:]).sum(0)

    def restore(self, latents: np.ndarray) -> np.ndarray:
        """Return the hidden state [tokens, hidden] float32 of coordinates."""
        return self.mean.astype(np.float32) + latents @ self._matrices[1]

    def finest(self, analysis: Analysis, budget: float, size: Callable[[int, Rounded], float]) -> tuple[int, Rounded]:
        """Return the largest fineness whose `size` is at most `budget` bytes and that cuts nothing, or 0.

        The size is as good as monotone in the fineness; the search guesses along how fast it usually grows.
        """
        grows = _BITS_A_FINENESS / 8 * analysis.coordinates.size
        guess = _USUAL_FINENESS + round((budget - analysis.usual_bits / 8) / grows)
        low, found, high = 0, None, FINEST + 1
        while high - low > 1:
            tried = min(max(guess, low + 1), high - 1)
            rounded = self.round(analysis, tried)
            left_over = budget - size(tried, rounded)
            if left_over >= 0 and not rounded.cut:
                low, found = tried, rounded
            else:
                high = tried
            guess = (low + high) // 2 if rounded.cut else tried + round(left_over / grows)
        return low, found or self.round(analysis, 0)

    def carried(self, hidden_state: np.ndarray, bytes_per_token: int) -> np.ndarray:
        """Return what a payload within this budget makes of a hidden state [tokens, hidden] float32.

        It is taken to have as many bytes as `bytes_of` says.
        """
        analysis = self.analyse(hidden_state)
        budget = bytes_per_token * len(hidden_state)
        _, rounded = self.finest(analysis, budget, lambda _, rounded: self.bytes_of(analysis, rounded))
        return self.restore(rounded.latents)

    def bytes_of(self, analysis: Analysis, rounded: Rounded) -> float:
        """Return what a payload takes at most, by the entropy of its symbols."""
        shares = (
            self.codeword_frequencies[analysis.codewords],
            self.level_frequencies[analysis.levels],
            self.spread_frequencies[analysis.spreads],
        )
        return _OVERHEAD + (rounded.bits - sum(float(np.log2(share / TOTAL).sum()) for share in shares)) / 8

    def step(self, levels: np.ndarray, fineness: int) -> np.ndarray:
        """The size of a token's steps, [tokens] float32."""
        return np.exp2(-levels / 2 - fineness / _FINENESS_AN_OCTAVE).astype(np.float32)

    def _magnitudes(self, steps: np.ndarray, classes: np.ndarray) -> np.ndarray:
        """Whole numbers for magnitudes of any size, of the same shape."""
        nearest = np.minimum(np.floor(steps + 0.5), self.largest[classes]).astype(int)
        return nearest - ((nearest > 0) & (steps < self._begins[classes, nearest]))


def write_codec(codec: StateCodec) -> bytes:
    """Return the file's bytes: 16-bit words, little-endian, in the order of the fields.

    Of the classes first all largest magnitudes, then all frequencies; a frequency is written less 1.
    """
    matrices = (codec.encoder, codec.decoder, codec.predictor)
    floats = (codec.mean, *matrices, codec.importance, codec.offset, codec.weights, codec.codebook)
    frequencies = (codec.codeword_frequencies, codec.level_frequencies, codec.spread_frequencies)
    whole = (
        *(table - 1 for table in frequencies),
        codec.classes,
        codec.largest,
        *(table - 1 for table in codec.frequencies),
    )
    words = [np.asarray(part).astype("<f2") for part in floats] + [part.astype("<u2") for part in whole]
    return b"".join(part.tobytes() for part in words)


def read_codec(content: bytes, *, hidden: int, codewords: int, levels: int, classes: int) -> StateCodec:
    """Read a file's bytes back. Raises ValueError for another length, or numbers that do not fit together."""
    square = hidden * hidden
    float_sizes = (hidden, square, square, square, hidden, 1, hidden, codewords * hidden)
    whole_sizes = (codewords, levels, SPREADS, levels * hidden, classes)
    words = np.frombuffer(content, "<u2", len(content) // 2)
    *parts, rest = np.split(words, np.cumsum(float_sizes + whole_sizes))
    largest = parts[-1].astype(int)
    if len(content) % 2 or len(rest) != (largest + 1).sum() or len(largest) != classes:
        sizes = f"{hidden} numbers, {codewords} codewords, {levels} levels and {classes} classes"
        raise ValueError(f"expected the bytes of a codec of {sizes}")
    mean, *matrices, importance, offset, weights, codebook = (
        part.view("<f2").astype(np.float16) for part in parts[: len(float_sizes)]
    )
    *frequencies, cells, _ = (part.astype(int) for part in parts[len(float_sizes) :])
    return StateCodec(
        mean,
        *(matrix.reshape(hidden, hidden) for matrix in matrices),
        importance,
        offset[0],
        weights,
        codebook.reshape(codewords, hidden),
        *(table + 1 for table in frequencies),
        cells.reshape(levels, hidden),
        np.split(rest.astype(int) + 1, np.cumsum(largest + 1)[:-1]),
    )


def mirrored(table: np.ndarray) -> np.ndarray:
    """The frequencies of −largest … largest."""
    return np.concatenate([table[:0:-1], table])
