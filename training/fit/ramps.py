"""Give trained weights new exit ramps: the body stays, and every ramp learns to say what the last exit says.

The body runs once for what the last exit says and once more, layer by layer, for the ramps. Finished ramps are kept in
the out folder: a command that was stopped goes on after the last of them when it is given again.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch import nn

from training.data.files import read_json, sha256_of, write_json, write_whole
from training.data.prepared import EncodedRows, read_prepared
from training.fit.config import expect_tasks
from training.fit.frozen_states import FrozenStates
from training.fit.ramp_config import RampConfig
from training.fit.ramp_trainer import SoftTargets, exit_numbers, train_ramp
from training.fit.run_folder import begin
from training.model.exit_ramp import ExitRamp, new_ramp
from training.model.provenance import TRAINING_FILE
from training.model.reference import ReferenceModel, load_reference, stored_tensors
from training.model.weights import WEIGHTS_FILE


def retrain_ramps(weights: Path, prepared_folder: Path, out: Path, config: RampConfig) -> None:
    """Write a weights folder with the body of `weights` and ramps that learnt from its last exit.

    Raises ValueError where rows and weights have different tokenizers, and where `out` holds ramps of another run.
    """
    prepared = read_prepared(prepared_folder, sha256_of(weights / "tokenizer.json"))
    expect_tasks(config, prepared.tasks)
    identity = {
        "config": asdict(config),
        "weights": sha256_of(weights / WEIGHTS_FILE),
        "prepared": prepared.about["files"],
    }
    model = load_reference(weights).requires_grad_(False)
    files = [out / f"ramp-{layer:02d}.safetensors" for layer in range(1, len(model.exit_ramps) + 1)]
    finished = [_FinishedRamp(path, json.dumps(identity)) for path in files]
    begin(out, weights, model.tasks, asdict(config))
    splits = _drawn(prepared.train, config), prepared.calibration
    targets = [_last_exit(model, split, config) for split in splits]
    states = [FrozenStates(model, split, config.precision) for split in splits]
    curve: list[dict[str, Any]] = []
    ramps: list[ExitRamp] = []
    for index, ramp in enumerate(model.exit_ramps):
        for split in states:
            split.advance()
        before = exit_numbers(ramp, states[1], targets[1])
        torch.manual_seed(config.seed + index)
        new = _to_learn(ramp, config)
        if not finished[index].read_into(new):
            train_ramp(new, states[0], targets[0], config, np.random.default_rng([config.seed, index]))
            finished[index].write(new)
        ramps.append(new.eval())
        curve.append({"layer": index + 1, "before": before, "after": exit_numbers(new, states[1], targets[1])})
        print(f"layer {index + 1:2}: {_in_words(before)}  →  {_in_words(curve[-1]['after'])}", flush=True)
    model.exit_ramps = nn.ModuleList(ramps)
    write_whole(out / WEIGHTS_FILE, save(stored_tensors(model)))
    _describe(weights, out, identity, curve)
    for path in files:
        path.unlink()


def _drawn(split: Mapping[str, EncodedRows], config: RampConfig) -> dict[str, EncodedRows]:
    """The rows to learn from: of each task a seeded part."""
    drawn = {}
    for task, rows in split.items():
        wanted = round(len(rows) * config.task_shares.get(task, 1.0))
        order = np.random.default_rng(config.seed).permutation(len(rows))[:wanted]
        drawn[task] = rows.select(np.sort(order).tolist())
    return drawn


def _last_exit(model: ReferenceModel, split: Mapping[str, EncodedRows], config: RampConfig) -> SoftTargets:
    states = FrozenStates(model, split, config.precision)
    for layer in range(len(model.exit_ramps)):
        states.advance()
        print(f"what the last exit says: layer {layer + 1} of {len(model.exit_ramps)}", file=sys.stderr, flush=True)
    return SoftTargets(states.logits(model.exit_ramps[-1]), states.task, model.tasks, config.cross_weight)


def _to_learn(ramp: ExitRamp, config: RampConfig) -> ExitRamp:
    """A ramp with new attention pooling, or what is there."""
    if config.heads:
        return new_ramp(ramp.pooler.out_features, ramp.tasks, config.heads, config.dropout)
    ramp.dropout.p = config.dropout
    return ramp


class _FinishedRamp:
    """One ramp's file in the out folder, with the identity of the run that wrote it."""

    def __init__(self, path: Path, identity: str) -> None:
        """Raise ValueError where the file is another run's."""
        self._path, self._identity = path, identity
        if path.exists():
            with safe_open(path, "pt") as file:
                if file.metadata() != {"identity": identity}:
                    raise ValueError(f"expected {path} to be of this run; give another --out, or delete it")

    def read_into(self, ramp: ExitRamp) -> bool:
        """Fill the ramp, if it has been finished before."""
        if not self._path.exists():
            return False
        ramp.load_state_dict(load_file(self._path))
        return True

    def write(self, ramp: ExitRamp) -> None:
        content = save(ramp.state_dict(), {"identity": self._identity})
        write_whole(self._path, content)


def _describe(weights: Path, out: Path, identity: dict[str, Any], curve: list[dict[str, Any]]) -> None:
    """Write training.json: that of the weights, and what was done to their ramps."""
    path = weights / TRAINING_FILE
    known = read_json(path, {"status": "of unknown origin"})
    told = {
        "config": identity["config"],
        "weightsSha256": identity["weights"],
        "preparedFiles": identity["prepared"],
        "calibration": curve,
    }
    status = f"{known['status']}; then new exit ramps by training.ramps"
    write_json(out / TRAINING_FILE, {**known, "status": status, "ramps": told})


def _in_words(numbers: dict[str, Any]) -> str:
    accuracy, agreement = (np.mean(list(numbers[kind].values())) for kind in ("accuracy", "agreement"))
    return f"{accuracy:.2f} % right, {agreement:.2f} % as the last exit said"
