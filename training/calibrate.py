"""Fit temperatures and thresholds on a seeded split of train and write them into the manifest.

Usage: python -m training.calibrate --model public/models/<id> --data <glue folder>
"""

import argparse
from pathlib import Path

import numpy as np

from training.arguments import add_common_arguments
from training.calibration import Plan, Thresholds, choose_thresholds, fit_temperature, softmax
from training.manifest import Manifest, read_manifest, write_manifest
from training.provenance import describe_calibration
from training.runtime import LadderRuntime
from training.tasks import Row, Task, read_rows, select_tasks
from training.tokenise import encode, load_tokenizer

VARIANT = "fp16"
SEED = 2410
LARGEST_LOSS = 0.003


def calibration_split(rows: list[Row], size: int, seed: int = SEED) -> list[Row]:
    """Return `size` rows drawn without replacement (all, shuffled, where there are fewer); the seed decides which."""
    order = np.random.default_rng(seed).permutation(len(rows))
    return [rows[index] for index in order[:size]]


def calibrate(model: Path, data: Path, tasks: list[Task], size: int, batch_size: int, threads: int) -> None:
    """Write temperatures, thresholds and the provenance of both into the manifest, task by task.

    Raises ValueError for malformed rows and FileNotFoundError for a task whose train file is missing.
    """
    manifest = read_manifest(model)
    runtime = LadderRuntime(model, manifest, VARIANT, threads)
    tokenizer = load_tokenizer(model / manifest["tokenizer"]["path"], manifest["maxTokens"])
    for task in tasks:
        rows = calibration_split(read_rows(data, task, "train"), size)
        encoded = encode(tokenizer, [row.texts for row in rows])
        start, end = manifest["tasks"][task.key]["logits"]
        logits = runtime.all_logits(encoded, batch_size)[:, :, start:end]
        gold = np.array([row.gold for row in rows])
        temperatures, thresholds = fit(logits, gold)
        # Read again: another command may have changed the manifest while this one computed.
        manifest = read_manifest(model)
        _store(manifest, task, temperatures, thresholds, size)
        write_manifest(model, manifest)
        print(
            f"{task.name:6} {len(rows)} rows: mobile {thresholds.mobile:.3f}, edge {thresholds.edge:.3f}, "
            f"mean cost {thresholds.mean_cost:.2f}, accuracy {thresholds.accuracy:.2%} "
            f"(last exit {thresholds.last_exit_accuracy:.2%}), temperatures {temperatures}"
        )


def fit(logits: np.ndarray, gold: np.ndarray) -> tuple[list[float], Thresholds]:
    """Return one temperature an exit and the thresholds chosen on the calibrated probabilities.

    `logits` [rows, layers, classes] raw, `gold` [rows] label ids.
    """
    temperatures = [round(fit_temperature(logits[:, layer], gold), 4) for layer in range(logits.shape[1])]
    probabilities = softmax(logits, np.array(temperatures)[:, np.newaxis])
    return temperatures, choose_thresholds(probabilities, gold, Plan(), LARGEST_LOSS)


def _store(manifest: Manifest, task: Task, temperatures: list[float], thresholds: Thresholds, size: int) -> None:
    entry = manifest["tasks"][task.key]
    entry["temperatures"] = temperatures
    entry["thresholds"] = {"mobile": thresholds.mobile, "edge": thresholds.edge}
    plan = Plan()
    manifest["provenance"]["calibration"] = describe_calibration(
        VARIANT, size, SEED, plan.mobile_layers, plan.edge_layers, LARGEST_LOSS
    )


def main() -> None:
    """Parse the arguments and calibrate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_common_arguments(parser)
    parser.add_argument("--size", type=int, default=2000, help="train rows a task (default 2000)")
    arguments = parser.parse_args()
    tasks = select_tasks(arguments.tasks)
    calibrate(arguments.model, arguments.data, tasks, arguments.size, arguments.batch_size, arguments.threads)


if __name__ == "__main__":
    main()
