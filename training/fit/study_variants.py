"""The recipes that training.study compares with the plain one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from training.data.tasks import Task
from training.fit.training_config import TrainingConfig

PLAIN = "plain"

# An epoch draws half of the rows that a run may train on, so that twice as long is also twice as many rows.
EPOCH_SHARE = 0.5

_MAIN_RUN_WEIGHTS = (0.5, 1, 1.5, 2.5, 2.5, 2.5, 2, 2, 2, 1.5, 1.5, 4)
_FINISHED_TASKS = ("rte", "mrpc", "cola")


@dataclass(frozen=True)
class Variant:
    """One row of the study's table.

    `stages` are trained one after another from the study's first weights; none measures those weights themselves.
    `finishes`: instead, for each of these tasks its own model goes on from the plain one's end, on that task alone, and
    is measured on it; the other tasks count as plain's.
    """

    key: str
    title: str
    stages: tuple[TrainingConfig, ...]
    finishes: tuple[str, ...] = ()


def variants(layers: int, tasks: Sequence[Task]) -> list[Variant]:
    """Return all variants for a model of so many layers and these tasks, plain first, then the most telling first."""
    plain = TrainingConfig(
        epochs=1,
        batch_rows=24,
        peak_rate=5e-5,
        distillation_weight=0.0,
        task_shares={task.key: EPOCH_SHARE for task in tasks},
    )
    other_rows = plain.seed + 1

    def distilled(weight: float, temperature: float) -> Variant:
        config = replace(plain, distillation_weight=weight, distillation_temperature=temperature)
        title = f"distillation from the last exit, weight {weight:g}, temperature {temperature:g}"
        return Variant(f"distil-{weight:g}-{temperature:g}", title, (config,))

    def changed(key: str, title: str, **changes: object) -> Variant:
        return Variant(key, title, (replace(plain, **changes),))

    # Half the epochs' rows in each stage, so that both together take plain's steps.
    half = {task: share / 2 for task, share in plain.task_shares.items()}
    last_exit = tuple(float(layer == layers) for layer in range(1, layers + 1))
    two_stage = (
        replace(plain, task_shares=half, exit_weights=last_exit),
        replace(plain, task_shares=half, frozen_body=True, seed=other_rows),
    )
    finishing = {task: replace(plain, task_shares=_alone(task, tasks), seed=other_rows) for task in _FINISHED_TASKS}
    return [
        Variant(PLAIN, "plain: cross-entropy of all exits, weighted by layer", (plain,)),
        changed("other-seed", "plain with other rows, order and dropout (seed + 1)", seed=other_rows),
        distilled(1.0, 2.0),
        changed("middle-heavy", "exit weights heavy in the middle", exit_weights=_middle_heavy(layers)),
        changed("alternating", "alternating: last exit, all exits", alternating=True),
        changed("gradient-equilibrium", "gradient equilibrium", gradient_equilibrium=True),
        changed("uniform", "exit weights uniform", exit_weights="uniform"),
        changed("label-smoothing", "label smoothing 0.1", label_smoothing=0.1),
        Variant("finishing", "RTE, MRPC, CoLA finished alone", tuple(finishing.values()), finishes=_FINISHED_TASKS),
        Variant("two-stage", "two stages: body with the last exit, then ramps alone", two_stage),
        changed("longer", "twice the steps", epochs=2),
        distilled(0.5, 2.0),
        distilled(1.0, 4.0),
        distilled(0.5, 4.0),
        Variant("start", "no training at all: the weights that every run starts from", ()),
    ]


def _alone(task: str, tasks: Sequence[Task]) -> dict[str, float]:
    return {other.key: float(other.key == task) for other in tasks}


def _middle_heavy(layers: int) -> tuple[float, ...]:
    """The main run's weights of twelve layers, read off at the same depths where there are more or fewer."""
    depths = np.arange(1, len(_MAIN_RUN_WEIGHTS) + 1) / len(_MAIN_RUN_WEIGHTS)
    asked = np.arange(1, layers + 1) / layers
    return tuple(np.interp(asked, depths, _MAIN_RUN_WEIGHTS).tolist())
