"""What several test files of this room share."""

import torch

from training.data.glue import TASKS
from training.stacked.config import Recipe, TeacherConfig

CPU = torch.device("cpu")
EVEN, LATE = (1.0, 1.0, 1.0), (0.0, 0.0, 1.0)
HALF = {task.key: 0.5 for task in TASKS}
TEACHERS = TeacherConfig(
    epochs=1.5,
    batch_rows=32,
    folds=2,
    corrupted_shares=(0.3, 0.6),
    nearest_words=3,
    distillation_weight=1.0,
    task_shares=HALF,
    recipes=(Recipe("even", 1e-3, EVEN), Recipe("late", 2e-3, LATE)),
)
