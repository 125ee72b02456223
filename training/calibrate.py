"""Fit temperatures and all that policies need on the calibration split that training never saw.

Usage: python -m training.calibrate --model public/models/<id> --prepared <prepared folder> [--dynamics FILE]
       [--pools-of <model folder>]
"""

import argparse
from pathlib import Path

import numpy as np

from training.arguments import add_run_arguments
from training.calibrated import read_calibrated
from training.calibration import fit_temperature, softmax
from training.cascade import exits_of
from training.dynamics import read_dynamics
from training.expected_losses import PooledLosses
from training.manifest import Manifest, read_manifest, write_manifest
from training.policy_data import DEFAULT_PLAN, policy_data, read_policy_data, read_pools, write_policy_data
from training.pools import Pools, fit_pools, pools_by_dynamics, pools_by_exits
from training.prepared import Prepared, read_prepared
from training.provenance import describe_calibration
from training.recording import VARIANT, Recording, record, write_trace
from training.runtime import LadderRuntime
from training.tasks import TASKS, Task, select_tasks

SPLIT = "calibration"
# The manifest's thresholds, the page's default, are those of the default plan at this loss.
DEFAULT_POINTS = 0.3


def calibrate(
    model: Path,
    prepared_folder: Path,
    dynamics: Path | None,
    tasks: list[Task],
    batch_size: int,
    threads: int,
    pools_of: Path | None = None,
) -> None:
    """Write temperatures, thresholds, policies/<task>.json and traces/<task>.calibration.bin, task by task.

    At last, expected losses into the policies/<task>.json of all tasks, which tell each other's.

    `dynamics`: what training.dynamics recorded, for DIMEC-DC's pools; or `pools_of`: a model folder with the same
    embeddings whose DIMEC-DC pools are taken over; without either there are none. Raises ValueError where the prepared
    rows are not this model's or a task has none, and where `pools_of` has other embeddings or no such pools.
    """
    manifest = read_manifest(model)
    prepared = read_prepared(prepared_folder)
    if prepared.about["tokenizer"] != manifest["provenance"]["tokenizerSha256"]:
        raise ValueError("expected rows prepared with the tokenizer.json that was exported; prepare them again")
    runtime = LadderRuntime(model, manifest, VARIANT, threads)
    for task in tasks:
        rows = prepared.calibration[task.key]
        if not len(rows):
            raise ValueError(f"expected calibration rows of {task.name}, got none; prepare with a larger --share")
        gold = rows.gold.astype(int)
        recording = record(runtime, manifest, task, SPLIT, rows.all_encoded(), gold, batch_size)
        temperatures = fit_temperatures(recording.evidence.logits, gold)
        probabilities = softmax(recording.evidence.logits, np.array(temperatures)[:, np.newaxis])
        pools = _pools(recording, probabilities, runtime, prepared, dynamics)
        if pools_of:
            pools["dimecDc"] = _pools_taken_over(pools_of, manifest, task)
        content = policy_data(task, probabilities, gold, recording.evidence.embedding, pools)
        # Read again: another command may have changed the manifest while this one computed.
        manifest = read_manifest(model)
        write_policy_data(model, manifest, task, content)
        write_trace(model, manifest, recording, pools)
        _store(manifest, task, temperatures, content["operatingPoints"], prepared)
        write_manifest(model, manifest)
        accuracy = " ".join(f"{1 - rate:.1%}" for rate in content["errorRates"])
        print(f"{task.name:6} {len(rows)} rows, accuracy by exit: {accuracy}", flush=True)
    _pool_losses(model)


def fit_temperatures(logits: np.ndarray, gold: np.ndarray) -> list[float]:
    """Return one temperature an exit; `logits` [rows, layers, classes] raw, `gold` [rows] label ids."""
    return [round(fit_temperature(logits[:, layer], gold), 4) for layer in range(logits.shape[1])]


def _pools(
    recording: Recording, probabilities: np.ndarray, runtime: LadderRuntime, prepared: Prepared, dynamics: Path | None
) -> dict[str, Pools]:
    plan = DEFAULT_PLAN.within(probabilities.shape[1])
    by_exits = pools_by_exits(exits_of(probabilities, recording.gold), plan)
    pools = {"dimee": fit_pools(recording.evidence.embedding, by_exits)}
    if dynamics:
        rows, confidence = read_dynamics(dynamics, recording.task.key)
        embedding = runtime.all_embeddings(prepared.train[recording.task.key].all_encoded(rows))
        pools["dimecDc"] = fit_pools(embedding, pools_by_dynamics(confidence))
    return pools


def _pools_taken_over(folder: Path, manifest: Manifest, task: Task) -> Pools:
    """A task's DIMEC-DC pools in another model folder: they lie among embeddings, which must be the same."""
    other = read_manifest(folder)
    embeddings, others = (entry["variants"][VARIANT]["embeddings"]["sha256"] for entry in (manifest, other))
    pools = read_pools(read_policy_data(folder, other, task))
    if embeddings != others or "dimecDc" not in pools:
        raise ValueError(f"expected {folder} to have this model's embeddings.onnx and DIMEC-DC pools of {task.name}")
    return pools["dimecDc"]


def _pool_losses(model: Path) -> None:
    """Write into every task's file what its exits are expected to lose, as all calibrated tasks together tell it."""
    manifest = read_manifest(model)
    contents = {task: found for task in TASKS if (found := read_policy_data(model, manifest, task))}
    losses = PooledLosses({task.key: read_calibrated(model, manifest, task, SPLIT)[1] for task in contents})
    for task, content in contents.items():
        expected = {"expectedLosses": losses.regressions(task.key)}
        write_policy_data(model, manifest, task, content | expected)
    write_manifest(model, manifest)


def _store(manifest: Manifest, task: Task, temperatures: list[float], points: list[dict], prepared: Prepared) -> None:
    entry = manifest["tasks"][task.key]
    entry["temperatures"] = temperatures
    default = next(point for point in points if not point["ownPlan"] and point["allowedLossPoints"] == DEFAULT_POINTS)
    entry["thresholds"] = {"mobile": default["mobile"], "edge": default["edge"]}
    provenance = manifest["provenance"]
    provenance["calibration"] = describe_calibration(VARIANT, prepared.about)


def main() -> None:
    """Parse the arguments and calibrate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_run_arguments(parser)
    parser.add_argument("--prepared", type=Path, required=True, help="folder written by training.prepare")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--dynamics", type=Path, help="dynamics.safetensors of the training run, for DIMEC-DC's pools")
    source.add_argument("--pools-of", type=Path, help="or a model folder with the same embeddings that has these pools")
    arguments = parser.parse_args()
    calibrate(
        arguments.model,
        arguments.prepared,
        arguments.dynamics,
        select_tasks(arguments.tasks),
        arguments.batch_size,
        arguments.threads,
        arguments.pools_of,
    )


if __name__ == "__main__":
    main()
