"""The wire's bytes of a hidden state in a coded payload: `core/protocol/PROTOCOL.md`, TF8."""

import numpy as np

from training.payload.state_codec import Analysis, Rounded, StateCodec, mirrored
from training.tests.payload.rans import Decoder, encode


def encode_payload(codec: StateCodec, hidden_state: np.ndarray, bytes_per_token: int) -> bytes:
    """Return the wire's bytes of a hidden state [tokens, hidden] float32, the finest within the budget.

    One byte of fineness; then, token by token, its codeword, level, spread and steps, as rANS symbols.
    """
    analysis = codec.analyse(hidden_state)

    def payload(fineness: int, rounded: Rounded) -> bytes:
        return bytes([fineness]) + _symbols(codec, analysis, rounded)

    budget = bytes_per_token * len(hidden_state)
    return payload(*codec.finest(analysis, budget, lambda *rounded: len(payload(*rounded))))


def decode_payload(codec: StateCodec, payload: bytes, tokens: int) -> np.ndarray:
    """Read the wire's bytes as a hidden state [tokens, hidden] float32. Raises ValueError where they do not fit."""
    if not payload:
        raise ValueError("expected a payload, got no bytes")
    fineness, symbols = payload[0], Decoder(payload[1:])
    tables = [_starts(mirrored(table)) for table in codec.frequencies]
    codeword_starts = _starts(codec.codeword_frequencies)
    level_starts, spread_starts = _starts(codec.level_frequencies), _starts(codec.spread_frequencies)
    latents = np.zeros((tokens, len(codec.mean)), np.float32)
    for token in range(tokens):
        codeword = _take(symbols, codeword_starts)
        level = np.array([_take(symbols, level_starts)])
        spread = np.array([_take(symbols, spread_starts)])
        classes = codec.classes_at(level, spread, fineness)[0]
        steps = [_take(symbols, tables[cell]) - codec.largest[cell] for cell in classes]
        left = np.array(steps, np.float32) * codec.step(level, fineness)
        latents[token] = codec.foretold(latents[:token], codeword) + left
    symbols.finish()
    return codec.restore(latents)


def _symbols(codec: StateCodec, analysis: Analysis, rounded: Rounded) -> bytes:
    tables = {int(cell): mirrored(codec.frequencies[cell]) for cell in np.unique(rounded.classes)}
    starts = {cell: _starts(table) for cell, table in tables.items()}
    intervals: list[tuple[int, int]] = []
    per_token = (
        (codec.codeword_frequencies, analysis.codewords),
        (codec.level_frequencies, analysis.levels),
        (codec.spread_frequencies, analysis.spreads),
    )
    for token, (cells, row) in enumerate(zip(rounded.classes, rounded.steps, strict=True)):
        for frequencies, symbols in per_token:
            symbol = symbols[token]
            intervals.append((int(frequencies[:symbol].sum()), int(frequencies[symbol])))
        for cell, step in zip(cells.tolist(), row, strict=True):
            place = step + codec.largest[cell]
            intervals.append((int(starts[cell][place]), int(tables[cell][place])))
    return encode(intervals)


def _starts(frequencies: np.ndarray) -> np.ndarray:
    """Where each symbol's interval starts, and TOTAL at the end."""
    return np.concatenate([[0], np.cumsum(frequencies)])


def _take(symbols: Decoder, starts: np.ndarray) -> int:
    place = int(np.searchsorted(starts, symbols.slot, side="right")) - 1
    symbols.take(int(starts[place]), int(starts[place + 1] - starts[place]))
    return place
