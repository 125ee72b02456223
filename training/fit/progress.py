"""A line on stderr now and then: how far a run is, how fast, and how long it will take."""

import sys
import time
from collections.abc import Callable


class Progress:
    """Counts the steps and tokens of this process; prints at most one line every `interval` seconds."""

    def __init__(self, steps: int, interval: float = 15.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._steps = steps
        self._interval = interval
        self._clock = clock
        self._began = self._printed = clock()
        self._done = self._tokens = 0

    def step(self, step: int, epoch: int, tokens: int, loss: float, rate: float) -> None:
        """Note a finished step (both counts 0-based) with its real tokens, padding not counted."""
        self._done += 1
        self._tokens += tokens
        now = self._clock()
        if now - self._printed < self._interval and step + 1 < self._steps:
            return
        self._printed = now
        seconds = max(now - self._began, 1e-9)
        left = round((self._steps - step - 1) * seconds / self._done / 60)
        print(
            f"step {step + 1}/{self._steps}, epoch {epoch + 1}, loss {loss:.4f}, rate {rate:.2e}, "
            f"{self._tokens / seconds:.0f} tokens/s, ETA {left // 60} h {left % 60:02} min",
            file=sys.stderr,
            flush=True,
        )
