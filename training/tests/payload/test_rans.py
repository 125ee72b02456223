"""The entropy coder."""

import numpy as np
import pytest

from training.payload.state_codec import TOTAL
from training.payload.state_codec_fit import whole_frequencies
from training.tests.payload.rans import Decoder, encode

pytestmark = pytest.mark.usefixtures("one_thread")


def test_symbols_come_back_in_their_order_at_their_entropy() -> None:
    random = np.random.default_rng(2)
    frequencies = whole_frequencies(random.random(9) ** 6)
    starts = np.concatenate([[0], np.cumsum(frequencies)])
    symbols = random.choice(9, 5000, p=frequencies / TOTAL)
    content = encode([(int(starts[symbol]), int(frequencies[symbol])) for symbol in symbols])
    entropy = -np.log2(frequencies[symbols] / TOTAL).sum() / 8
    assert entropy < len(content) < 1.001 * entropy + 5
    decoder = Decoder(content)
    for symbol in symbols:
        assert starts[symbol] <= decoder.slot < starts[symbol + 1]
        decoder.take(int(starts[symbol]), int(frequencies[symbol]))
    decoder.finish()


def test_a_symbol_that_is_certain_takes_nothing() -> None:
    assert encode([(0, TOTAL)] * 100) == bytes.fromhex("00800000")


def test_bytes_that_are_missing_or_left_over_are_refused() -> None:
    half = TOTAL // 2

    def take_all(changed: bytes) -> None:
        decoder = Decoder(changed)
        for start in [0, half] * 40:
            decoder.take(start, half)
        decoder.finish()

    content = encode([(0, half), (half, half)] * 40)
    with pytest.raises(ValueError, match="at least 4"):
        Decoder(content[:3])
    for changed in (content[:-1], content + bytes(1)):
        with pytest.raises(ValueError, match="expected"):
            take_all(changed)
