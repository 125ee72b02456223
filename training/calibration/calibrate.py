"""Fit temperatures and all that policies need on the calibration split that training never saw."""

from pathlib import Path

import numpy as np

from training.calibration.calibrated import read_calibrated
from training.calibration.cascade import exits_of
from training.calibration.dynamics import read_dynamics
from training.calibration.expected_losses import PooledLosses
from training.calibration.plans import default_plan
from training.calibration.policy_data import policy_data, read_policy_data, read_pools, write_policy_data
from training.calibration.pools import Pools, fit_pools, pools_by_dynamics, pools_by_exits
from training.calibration.probabilities import fit_temperature, softmax
from training.calibration.recording import VARIANT, Recording, record, write_trace
from training.data.prepared import Prepared, read_prepared
from training.data.tasks import Task
from training.export.manifest import Manifest, read_manifest, tasks_of, write_manifest
from training.export.runtime import LadderRuntime
from training.model.provenance import describe_calibration, read_provenance, write_provenance

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
    prepared = read_prepared(prepared_folder, read_provenance(model)["tokenizerSha256"])
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
        content = policy_data(task, probabilities, gold, pools)
        # Read again: another command may have changed the manifest while this one computed.
        manifest = read_manifest(model)
        write_policy_data(model, manifest, task, content)
        write_trace(model, manifest, recording, pools)
        _store(manifest, task, temperatures, content["operatingPoints"])
        write_manifest(model, manifest)
        write_provenance(model, read_provenance(model) | {"calibration": describe_calibration(VARIANT, prepared.about)})
        accuracy = " ".join(f"{1 - rate:.1%}" for rate in content["errorRates"])
        print(f"{task.name:6} {len(rows)} rows, accuracy by exit: {accuracy}", flush=True)
    _pool_losses(model)


def fit_temperatures(logits: np.ndarray, gold: np.ndarray) -> list[float]:
    """Return one temperature an exit; `logits` [rows, layers, classes] raw, `gold` [rows] label ids."""
    return [round(fit_temperature(logits[:, layer], gold), 4) for layer in range(logits.shape[1])]


def _pools(
    recording: Recording, probabilities: np.ndarray, runtime: LadderRuntime, prepared: Prepared, dynamics: Path | None
) -> dict[str, Pools]:
    plan = default_plan(probabilities.shape[1])
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
    contents = {task: found for task in tasks_of(manifest) if (found := read_policy_data(model, manifest, task))}
    losses = PooledLosses({task.key: read_calibrated(model, manifest, task, SPLIT)[1] for task in contents})
    for task, content in contents.items():
        expected = {"expectedLosses": losses.regressions(task.key)}
        write_policy_data(model, manifest, task, content | expected)
    write_manifest(model, manifest)


def _store(manifest: Manifest, task: Task, temperatures: list[float], points: list[dict]) -> None:
    entry = manifest["tasks"][task.key]
    entry["temperatures"] = temperatures
    # The default plan's come first.
    default = next(point for point in points if point["allowedLossPoints"] == DEFAULT_POINTS)
    entry["thresholds"] = {"mobile": default["mobile"], "edge": default["edge"]}
