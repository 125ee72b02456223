"""An entropy coder: range asymmetric numeral systems, byte by byte (rANS; Duda, arXiv 1311.2540).

A symbol is an interval (start, frequency) of whole numbers within 0 … TOTAL. What is decoded comes in the order in
which it was encoded.
"""

from collections.abc import Sequence

from training.payload.state_codec import TOTAL

_PRECISION = 16
_LOWEST = 1 << 23


def encode(intervals: Sequence[tuple[int, int]]) -> bytes:
    """Return the bytes of these symbols."""
    state = _LOWEST
    backwards = bytearray()
    for start, frequency in reversed(intervals):
        while state >= frequency << 15:
            backwards.append(state & 0xFF)
            state >>= 8
        state = (state // frequency << _PRECISION) + state % frequency + start
    return state.to_bytes(4, "big") + bytes(reversed(backwards))


class Decoder:
    """Reads symbols: look at `slot`, find the interval around it, `take` that."""

    def __init__(self, content: bytes) -> None:
        """Begin. Raises ValueError for fewer than 4 bytes."""
        if len(content) < 4:
            raise ValueError(f"expected at least 4 bytes of symbols, got {len(content)}")
        self._state = int.from_bytes(content[:4], "big")
        self._rest = iter(content[4:])

    @property
    def slot(self) -> int:
        """A number within the next symbol's interval."""
        return self._state % TOTAL

    def take(self, start: int, frequency: int) -> None:
        """Go on behind the symbol of this interval. Raises ValueError where bytes are missing."""
        self._state = frequency * (self._state >> _PRECISION) + self.slot - start
        while self._state < _LOWEST:
            byte = next(self._rest, None)
            if byte is None:
                raise ValueError("expected more bytes of symbols")
            self._state = self._state << 8 | byte

    def finish(self) -> None:
        """Raise ValueError unless what was read is all there was."""
        if self._state != _LOWEST or next(self._rest, None) is not None:
            raise ValueError("expected the symbols to use every byte")
