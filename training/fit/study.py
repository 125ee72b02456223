"""What makes early exits good: short runs from the same weights, each with one thing changed, against plain.

Finished variants are skipped, and an interrupted one goes on from its checkpoint. Writes study.json and table.md after
every variant, and prints the table at the end.
"""

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.data.files import read_json, sha256_of, write_json, write_whole
from training.data.prepared import PREPARED_FILE, read_prepared
from training.fit.checkpoint import CHECKPOINT_FILE
from training.fit.epoch_plan import plan_epoch
from training.fit.evaluation import exit_hits
from training.fit.run_folder import begin
from training.fit.study_results import accuracies, differences, read_hits, table, write_hits
from training.fit.study_rows import StudyRows
from training.fit.study_variants import PLAIN, Variant, variants
from training.fit.train import new_model
from training.fit.trainer import Trainer
from training.fit.training_config import TrainingConfig
from training.model.reference import ReferenceModel
from training.model.weights import read_config

STUDY_FILE, TABLE_FILE = "study.json", "table.md"


class Study:
    """A folder of results, one variant after another."""

    def __init__(self, prepared_folder: Path, encoder: Path, init: Path, out: Path, rows: StudyRows) -> None:
        """Read the inputs and draw the rows. Raises ValueError where the folder was begun with others."""
        self._encoder, self._init, self._out = encoder, init, out
        drawn = rows.draw(read_prepared(prepared_folder))
        # The trainer's own evaluation would only take time: without calibration rows there is none.
        self._train = replace(drawn, calibration={})
        self._measured = drawn.calibration
        self._variants = variants(read_config(init)["num_hidden_layers"], drawn.tasks)
        self._inputs = {
            "prepared": sha256_of(prepared_folder / PREPARED_FILE),
            "encoder": sha256_of(encoder / "model.safetensors"),
            "init": sha256_of(init / "model.safetensors"),
            "rows": asdict(rows),
        }
        if (out / STUDY_FILE).exists():
            self._check(read_json(out / STUDY_FILE))

    def run(self, wanted: list[str] | None = None) -> str:
        """Run what is not finished (all, or plain and the wanted keys) and return the table of all that is.

        Raises ValueError for a key that is no variant. A run whose loss is no finite number is told as failed.
        """
        known = [variant.key for variant in self._variants]
        if unknown := sorted(set(wanted or []) - set(known)):
            raise ValueError(f"expected variants among {known}, got {unknown}")
        self._out.mkdir(parents=True, exist_ok=True)
        for variant in self._variants:
            chosen = variant.key == PLAIN or wanted is None or variant.key in wanted
            if chosen and not self._finished(variant):
                print(f"variant {variant.key}", flush=True)
                self._measure(variant)
                self._write()
        return self._write()

    def _check(self, begun: dict[str, Any]) -> None:
        """Compare an earlier study.json with what this study would do."""
        if begun["inputs"] != self._inputs:
            raise ValueError(f"expected the inputs that {STUDY_FILE} began with; use them again, or another folder")
        stages = {variant.key: json.loads(json.dumps(_stages(variant))) for variant in self._variants}
        if changed := [run["key"] for run in begun["runs"] if run["stages"] != stages.get(run["key"])]:
            raise ValueError(f"expected {changed} with the configs in {STUDY_FILE}, got others; use another folder")

    def _measure(self, variant: Variant) -> None:
        """Train a variant, keep what it got right, and then delete its weights, unless others go on from them."""
        try:
            hits = self._hits(variant)
        except FloatingPointError as error:
            write_json(self._file(variant, "failed.json"), {"failed": str(error)})
        else:
            write_hits(self._file(variant, "safetensors"), hits)
        if variant.key != PLAIN:
            shutil.rmtree(self._folder(variant.key), ignore_errors=True)

    def _hits(self, variant: Variant) -> dict[str, np.ndarray]:
        if variant.finishes:
            return self._plain_hits() | self._finished_tasks(variant)
        model = new_model(self._encoder, self._init, self._train.tasks, TrainingConfig.ramp_dropout)
        for number, config in enumerate(variant.stages, start=1):
            self._fit(model, config, self._folder(variant.key) / f"stage-{number}")
        return exit_hits(model, self._measured)

    def _finished_tasks(self, variant: Variant) -> dict[str, np.ndarray]:
        hits: dict[str, np.ndarray] = {}
        for task, config in zip(variant.finishes, variant.stages, strict=True):
            model = new_model(self._encoder, self._folder(PLAIN) / "stage-1", self._train.tasks, config.ramp_dropout)
            self._fit(model, config, self._folder(variant.key) / task)
            hits |= exit_hits(model, {task: self._measured[task]})
        return hits

    def _fit(self, model: ReferenceModel, config: TrainingConfig, folder: Path) -> None:
        """Train the model in place, from its folder's checkpoint where there is one."""
        torch.manual_seed(config.seed)
        identity = {**self._inputs, "config": asdict(config)}
        begin(folder, self._encoder, self._train.tasks, identity["config"])
        trainer = Trainer(model, self._train, config, identity, folder)
        if (folder / CHECKPOINT_FILE).exists():
            trainer.resume()
        trainer.run()

    def _write(self) -> str:
        """Write study.json and the table of all finished variants; return the table."""
        exits = _told_exits(len(next(iter(self._plain_hits().values()))[0]))
        runs = [self._told(variant, exits) for variant in self._variants if self._finished(variant)]
        rows = {
            split: {task: len(values) for task, values in tasks.items()}
            for split, tasks in (("train", self._train.train), ("measured", self._measured))
        }
        write_json(self._out / STUDY_FILE, {"inputs": self._inputs, "tasks": rows, "runs": runs})
        text = table(runs, exits)
        write_whole(self._out / TABLE_FILE, text)
        return text

    def _told(self, variant: Variant, exits: list[int]) -> dict[str, Any]:
        told: dict[str, Any] = {
            "key": variant.key,
            "title": variant.title,
            "steps": sum(len(plan_epoch(self._train.train, stage, 0)) * stage.epochs for stage in variant.stages),
            "stages": _stages(variant),
        }
        if (failure := self._file(variant, "failed.json")).exists():
            return told | read_json(failure)
        hits = read_hits(self._file(variant, "safetensors"))
        told["accuracy"] = accuracies(hits)
        if variant.key != PLAIN:
            compared = differences(hits, self._plain_hits(), exits)
            told["differences"] = {str(layer): asdict(difference) for layer, difference in compared.items()}
        return told

    def _plain_hits(self) -> dict[str, np.ndarray]:
        path = self._out / f"{PLAIN}.safetensors"
        if not path.exists():
            raise FloatingPointError("expected the plain run, which all are compared with, to finish; lower its rate")
        return read_hits(path)

    def _finished(self, variant: Variant) -> bool:
        return any(self._file(variant, ending).exists() for ending in ("safetensors", "failed.json"))

    def _file(self, variant: Variant, ending: str) -> Path:
        return self._out / f"{variant.key}.{ending}"

    def _folder(self, key: str) -> Path:
        return self._out / "runs" / key


def _stages(variant: Variant) -> list[dict[str, Any]]:
    return [asdict(stage) for stage in variant.stages]


def _told_exits(layers: int) -> list[int]:
    """A third, half and the whole of the layers: 4, 6 and 12 of 12."""
    return sorted({max(1, layers // 3), max(1, layers // 2), layers})
