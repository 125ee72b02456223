"""Which rows a study trains on and measures."""

from dataclasses import dataclass, replace

import numpy as np

from training.data.prepared import EncodedRows, Prepared
from training.fit.study_variants import EPOCH_SHARE


@dataclass(frozen=True)
class StudyRows:
    """Seeded draws, the same for every variant.

    `epoch`: rows a task in an epoch, each of at most `longest` tokens. `measured`: calibration rows a task, of any
    length.
    """

    epoch: int = 576
    longest: int = 64
    measured: int = 500
    seed: int = 2410

    def draw(self, prepared: Prepared) -> Prepared:
        """Return the rows drawn from train, of which an epoch takes `EPOCH_SHARE`, and from calibration."""
        train = {
            task: self._sample(rows, np.flatnonzero(rows.lengths <= self.longest), round(self.epoch / EPOCH_SHARE))
            for task, rows in prepared.train.items()
        }
        calibration = {
            task: self._sample(rows, np.arange(len(rows)), self.measured) for task, rows in prepared.calibration.items()
        }
        return replace(prepared, train=train, calibration=calibration)

    def _sample(self, rows: EncodedRows, among: np.ndarray, count: int) -> EncodedRows:
        """Return `count` of these rows, or all where there are fewer, in a seeded order."""
        return rows.select(np.random.default_rng(self.seed).permutation(among)[:count].tolist())
