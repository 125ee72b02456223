"""What the study's runs got right: kept in files, compared with plain, and told as a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save

from training.data.files import write_whole

_DRAWS = 2_000
_SEED = 2410


@dataclass(frozen=True)
class Difference:
    """A mean over tasks minus plain's, in points, with the ends of its 95 % interval."""

    points: float
    low: float
    high: float


def write_hits(path: Path, hits: Mapping[str, np.ndarray]) -> None:
    """Write {task: [rows, layers] bool} whole."""
    write_whole(path, save({task: values.astype(np.uint8) for task, values in hits.items()}))


def read_hits(path: Path) -> dict[str, np.ndarray]:
    """Read what `write_hits` wrote."""
    return {task: values.astype(bool) for task, values in load_file(path).items()}


def accuracies(hits: Mapping[str, np.ndarray]) -> dict[str, list[float]]:
    """Return {task: percent by exit}, and under "mean" the mean over tasks, rounded to 0.01."""
    by_task = {task: values.mean(axis=0) * 100 for task, values in hits.items()}
    by_task["mean"] = np.mean(list(by_task.values()), axis=0)
    return {task: np.round(values, 2).tolist() for task, values in by_task.items()}


def differences(
    hits: Mapping[str, np.ndarray], plain: Mapping[str, np.ndarray], exits: list[int]
) -> dict[int, Difference]:
    """Return {exit: mean over tasks minus plain's}; exits are 1-based.

    Both models answered the same rows. The interval is a paired percentile bootstrap: within every task rows are drawn
    with replacement, a row bringing both answers along. It covers the choice of rows, not the chance in training.
    """
    random = np.random.default_rng(_SEED)
    columns = np.array(exits) - 1
    points = np.zeros(len(exits))
    draws = np.zeros((_DRAWS, len(exits)))
    for task in sorted(plain):
        change = hits[task][:, columns].astype(np.float64) - plain[task][:, columns]
        rows = len(change)
        points += change.mean(axis=0) / len(plain)
        counts = random.multinomial(rows, np.full(rows, 1 / rows), size=_DRAWS)
        draws += counts @ change / rows / len(plain)
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    return {
        layer: Difference(*(round(float(value) * 100, 2) for value in values))
        for layer, *values in zip(exits, points, low, high, strict=True)
    }


def table(runs: list[dict[str, Any]], exits: list[int]) -> str:
    """Return the Markdown table of study.json's `runs`; bold where the interval leaves 0 out."""
    lines = [
        "| variant | steps | " + " | ".join(f"exit {layer}" for layer in exits) + " |",
        "|---" * (2 + len(exits)) + "|",
    ]
    for run in runs:
        cells = [f"failed: {run['failed']}"] + [""] * (len(exits) - 1) if "failed" in run else _cells(run, exits)
        lines.append(f"| {run['title']} | {run['steps']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cells(run: dict[str, Any], exits: list[int]) -> list[str]:
    if "differences" not in run:
        return [f"{run['accuracy']['mean'][layer - 1]:.1f} %" for layer in exits]
    return [_cell(run["differences"][str(layer)]) for layer in exits]


def _cell(difference: dict[str, float]) -> str:
    points, low, high = (round(difference[name], 1) + 0.0 for name in ("points", "low", "high"))
    told = f"**{_signed(points)}**" if low > 0 or high < 0 else _signed(points)
    return f"{told} ({_signed(low)} to {_signed(high)})"


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")
