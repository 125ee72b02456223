"""The line that tells how far a run is."""

import pytest

from training.fit.progress import Progress


def test_progress_tells_speed_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0.0, 10.0, 20.0])
    progress = Progress(steps=722, interval=15.0, clock=lambda: next(times))
    progress.step(0, 0, tokens=1000, loss=0.7, rate=1e-4)
    progress.step(1, 0, tokens=3000, loss=0.6, rate=1e-4)
    line = "step 2/722, epoch 1, loss 0.6000, rate 1.00e-04, 200 tokens/s, ETA 2 h 00 min\n"
    assert capsys.readouterr().err == line
