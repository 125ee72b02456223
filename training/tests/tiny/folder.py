"""A whole model folder that is small enough to be committed: trained, exported, calibrated and traced."""

import tempfile
from pathlib import Path

import torch

from training.calibration.calibrate import calibrate
from training.calibration.trace import trace_dev
from training.data.files import write_whole
from training.data.prepare import prepare
from training.data.splits import SplitRule
from training.export.export import export
from training.export.precision import PRECISIONS
from training.fit.train import train
from training.fit.training_config import TrainingConfig
from training.tests.tiny.topics import TASK, word_pieces, write_topics
from training.tests.tiny.weights import write_encoder

_SEED = 2415
_TRAIN_ROWS, _DEV_ROWS = 2400, 240
_SPLIT = SplitRule(largest=240, share=0.1, seed=_SEED)
_CONFIG = TrainingConfig(seed=_SEED, epochs=6, batch_rows=32, peak_rate=3e-3, exit_weights=(0.1, 0.3, 1))
_VARIANT = "fp16"
_README = """# {name}

A model of three layers for tests: another task than GLUE's, other sizes, one variant. Written by

    python -m training.tests.tiny --out core/testing/models/{name}

from the sentences of our own in `topics.py` there; the same on the same kind of machine with the same packages.
"""


def write_tiny_model(out: Path) -> None:
    """Write the model folder `out`, whose name becomes the model's id.

    With the same package versions and kind of processor it gives the same bytes. Sets PyTorch to one thread.
    """
    torch.set_num_threads(1)
    (precision,) = (precision for precision in PRECISIONS if precision.name == _VARIANT)
    with tempfile.TemporaryDirectory() as folder:
        data, encoder, prepared, run = (Path(folder) / name for name in ("data", "encoder", "prepared", "run"))
        write_topics(data, _TRAIN_ROWS, _DEV_ROWS, _SEED)
        write_encoder(encoder, word_pieces())
        prepare(data, encoder, prepared, _SPLIT)
        train(prepared, encoder, run, _CONFIG, init=None, resume=False)
        export(run, out, precisions=[precision])
        calibrate(out, prepared, None, [TASK], batch_size=32, threads=1)
        trace_dev(out, data, [TASK], batch_size=32, threads=1)
    write_whole(out / "README.md", _README.format(name=out.name))
