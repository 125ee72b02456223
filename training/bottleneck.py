"""A low-rank payload: a linear encoder and decoder for hidden states, its file and its wire format."""

from dataclasses import dataclass

import numpy as np

from training.quantise import LARGEST_INT4, LARGEST_INT8

_SCALES_BYTES = 4


def bytes_per_token(int8: int, int4: int) -> int:
    """Return the wire's bytes a token: two float16 scales, the int8 latents, two int4 latents a byte."""
    return _SCALES_BYTES + int8 + int4 // 2


@dataclass(frozen=True)
class Bottleneck:
    """`mean` [hidden], `encoder` [hidden, latents] and `decoder` [latents, hidden], all float16.

    The first `int8` latents travel as int8, the next `int4` (an even number) as int4. Raises ValueError for shapes
    or dtypes that do not fit.
    """

    int8: int
    int4: int
    mean: np.ndarray
    encoder: np.ndarray
    decoder: np.ndarray

    def __post_init__(self) -> None:
        hidden, latents = len(self.mean), self.int8 + self.int4
        if self.int4 % 2:
            raise ValueError(f"expected an even number of int4 latents, got {self.int4}")
        for name, shape in (("mean", (hidden,)), ("encoder", (hidden, latents)), ("decoder", (latents, hidden))):
            array = getattr(self, name)
            if array.shape != shape or array.dtype != np.float16:
                raise ValueError(f"expected {name} {shape} float16, got {array.shape} {array.dtype}")
            if not np.isfinite(array).all():
                raise ValueError(f"expected finite numbers in {name}")


def write_bottleneck(bottleneck: Bottleneck) -> bytes:
    """Return the file's bytes: mean, encoder, decoder, row-major little-endian float16."""
    parts = (bottleneck.mean, bottleneck.encoder, bottleneck.decoder)
    return b"".join(part.astype("<f2").tobytes() for part in parts)


def read_bottleneck(content: bytes, hidden: int, int8: int, int4: int) -> Bottleneck:
    """Read a file's bytes back. Raises ValueError for another length."""
    latents = int8 + int4
    expected = 2 * hidden * (1 + 2 * latents)
    if len(content) != expected:
        raise ValueError(f"expected {expected} bytes for {hidden} x {latents}, got {len(content)}")
    numbers = np.frombuffer(content, "<f2").astype(np.float16)
    mean, encoder, decoder = np.split(numbers, [hidden, hidden * (1 + latents)])
    return Bottleneck(int8, int4, mean, encoder.reshape(hidden, latents), decoder.reshape(latents, hidden))


def encode_payload(bottleneck: Bottleneck, hidden_state: np.ndarray) -> bytes:
    """Return the wire's bytes of a hidden state [tokens, hidden] float32.

    All tokens' scales come first (float16, int8's then int4's of each), then all int8 latents, then all int4 latents,
    the earlier one of two in a byte's low half. A part of zeros, or of no numbers, has scale 0.
    """
    latents = (hidden_state - bottleneck.mean.astype(np.float32)) @ bottleneck.encoder.astype(np.float32)
    wide_scales, wide = _quantised(latents[:, : bottleneck.int8], LARGEST_INT8)
    narrow_scales, narrow = _quantised(latents[:, bottleneck.int8 :], LARGEST_INT4)
    scales = np.stack([wide_scales, narrow_scales], axis=1)
    halves = narrow.view(np.uint8) & 0x0F
    packed = halves[:, 0::2] | halves[:, 1::2] << 4
    return scales.astype("<f2").tobytes() + wide.tobytes() + packed.tobytes()


def decode_payload(bottleneck: Bottleneck, payload: bytes, tokens: int) -> np.ndarray:
    """Read the wire's bytes as a hidden state [tokens, hidden] float32. Raises ValueError for another length."""
    int8, int4 = bottleneck.int8, bottleneck.int4
    if len(payload) != tokens * bytes_per_token(int8, int4):
        raise ValueError(f"expected {tokens * bytes_per_token(int8, int4)} bytes, got {len(payload)}")
    scales = np.frombuffer(payload, "<f2", 2 * tokens).reshape(tokens, 2).astype(np.float32)
    wide = np.frombuffer(payload, np.int8, tokens * int8, tokens * _SCALES_BYTES).reshape(tokens, int8)
    packed = np.frombuffer(payload, np.uint8, offset=tokens * (_SCALES_BYTES + int8)).reshape(tokens, int4 // 2)
    halves = np.stack([packed & 0x0F, packed >> 4], axis=2).reshape(tokens, int4).astype(np.int8)
    narrow = np.where(halves > LARGEST_INT4, halves - 16, halves)
    latents = np.concatenate([wide * scales[:, :1], narrow * scales[:, 1:]], axis=1, dtype=np.float32)
    return bottleneck.mean.astype(np.float32) + latents @ bottleneck.decoder.astype(np.float32)


def _quantised(latents: np.ndarray, largest: int) -> tuple[np.ndarray, np.ndarray]:
    """Scales [tokens] float16 and whole numbers [tokens, latents] int8 of one part."""
    peaks = np.abs(latents).max(axis=1, initial=0)
    scales = (peaks / largest).astype(np.float16)
    divisors = np.where(scales > 0, scales, np.inf).astype(np.float32)
    steps = np.clip(np.round(latents / divisors[:, np.newaxis]), -largest, largest)
    return scales, steps.astype(np.int8)
