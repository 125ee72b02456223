"""Record the dev splits as the page runs them: 8-bit weights, and hidden states that cross as int8 where tiers split.

The report's traces are of fp16 without a payload. What the page loads on WASM is q8, and what a sentence carries to the
edge is rounded; this records both at each task's own plan, as report.json has it, and beside them what the last exit
says of texts that go whole to the cloud, where nothing is rounded. `npm run evaluate` does the same to rows one by one.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.calibration.calibrated import calibrated_exits
from training.calibration.cascade import Plan
from training.calibration.thresholds import OperatingPoint
from training.calibration.trace_file import Trace, decode_trace, encode_trace
from training.data.files import read_json, write_whole
from training.data.rows import read_rows
from training.data.tasks import Task
from training.data.tokenise import encode, load_tokenizer
from training.export.manifest import Manifest, file_entry, read_manifest, tasks_of
from training.export.measured import SHIPPED, keep_measured
from training.export.runtime import LadderRuntime
from training.payload.quantise import int8_per_token
from training.report.headline import summary, task_rows

VARIANT, PAYLOAD = "q8", "int8"
_SPLITS = {"trace": "shipped", "cloudTrace": "shipped-cloud"}


def record_shipped(model: Path, data: Path, tasks: list[Task], batch_size: int, threads: int) -> None:
    """Write two traces for each task and list them, with its plan, in shipped.json.

    traces/<task>.shipped.bin: every exit; traces/<task>.shipped-cloud.bin: the last exit of rows that cross as text.

    Raises FileNotFoundError for a task whose dev file is missing, and KeyError where training.report has not been run.
    """
    manifest = read_manifest(model)
    frontier = read_json(model / "report.json")["frontier"]["tasks"]
    tokenizer = load_tokenizer(model / manifest["tokenizer"]["path"], manifest["maxTokens"])
    for task in tasks:
        plan = Plan(*frontier[task.key]["plan"].values())
        crossings = dict.fromkeys((plan.mobile_layers, plan.edge_layers), as_int8)
        rows = read_rows(data, task, "dev")
        encoded = encode(tokenizer, [row.texts for row in rows])
        gold = np.array([row.gold for row in rows], np.uint8)
        tokens = np.array([len(row.input_ids) for row in encoded], np.uint16)
        own = slice(*manifest["tasks"][task.key]["logits"])
        entry: dict[str, Any] = {"plan": frontier[task.key]["plan"]}
        for name, between, kept in (("trace", crossings, slice(None)), ("cloudTrace", {}, slice(-1, None))):
            runtime = LadderRuntime(model, manifest, VARIANT, threads, between)
            logits = runtime.all_logits(encoded, batch_size)[:, kept, own]
            path = f"traces/{task.key}.{_SPLITS[name]}.bin"
            trace = Trace(task.key, _SPLITS[name], manifest["id"], logits.astype(np.float16), gold, tokens)
            write_whole(model / path, encode_trace(trace))
            entry[name] = file_entry(model, path)
        keep_measured(model, SHIPPED, {"variant": VARIANT, "payload": PAYLOAD, task.key: entry})
        print(f"{task.name:6} {len(rows):5} rows, all cloud {(logits[:, -1].argmax(1) == gold).mean():.2%}", flush=True)


def shipped_summary(
    model: Path, manifest: Manifest, shipped: Mapping[str, Any], points: Mapping[str, OperatingPoint]
) -> dict[str, Any]:
    """Return the means of what was recorded at these points.

    Raises ValueError for a task that is missing, or was recorded under another plan than its point's.
    """
    rows = {}
    for task in tasks_of(manifest):
        point, entry = points[task.key], shipped.get(task.key)
        if not entry or Plan(*entry["plan"].values()) != point.plan:
            raise ValueError(f"expected {task.name} to be recorded at {point.plan}; run training.shipped again")
        trace, cloud = (decode_trace((model / entry[name]["path"]).read_bytes()) for name in _SPLITS)
        exits = calibrated_exits(trace, manifest, task)
        layers = point.exits(exits.confidence)
        last = cloud.logits[:, -1].argmax(axis=1) == cloud.gold
        rows[task.key] = task_rows(exits, layers, point.plan, last)
    return {
        **summary(list(rows.values()), manifest["layers"]),
        "tasks": {key: summary([of_task], manifest["layers"]) for key, of_task in rows.items()},
    }


def as_int8(states: np.ndarray) -> np.ndarray:
    """Return hidden states [batch, tokens, hidden] float32 as the plain int8 payload carries them."""
    return int8_per_token(torch.from_numpy(states)).numpy()
