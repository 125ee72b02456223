"""Record the logits of every exit on the public dev splits and list the files in the manifest.

Usage: python -m training.trace --model public/models/<id> --data <glue folder>
"""

import argparse
from pathlib import Path

import numpy as np

from training.arguments import add_common_arguments
from training.manifest import file_entry, read_manifest, write_manifest
from training.runtime import LadderRuntime
from training.tasks import Task, read_rows, select_tasks
from training.tokenise import encode, load_tokenizer
from training.trace_file import Trace, encode_trace

VARIANT = "fp16"
SPLIT = "dev"


def record(model: Path, data: Path, tasks: list[Task], batch_size: int, threads: int) -> None:
    """Write traces/<task>.dev.bin for each task and update the manifest after each.

    Raises ValueError for malformed rows and FileNotFoundError for a task whose dev file is missing.
    """
    manifest = read_manifest(model)
    runtime = LadderRuntime(model, manifest, VARIANT, threads)
    tokenizer = load_tokenizer(model / manifest["tokenizer"]["path"], manifest["maxTokens"])
    (model / "traces").mkdir(exist_ok=True)
    for task in tasks:
        rows = read_rows(data, task, SPLIT)
        encoded = encode(tokenizer, [row.texts for row in rows])
        start, end = manifest["tasks"][task.key]["logits"]
        logits = runtime.all_logits(encoded, batch_size)[:, :, start:end]
        gold = np.array([row.gold for row in rows], np.uint8)
        tokens = np.array([len(row.input_ids) for row in encoded], np.uint16)
        trace = Trace(task.key, SPLIT, manifest["id"], logits.astype(np.float16), gold, tokens)
        path = f"traces/{task.key}.{SPLIT}.bin"
        (model / path).write_bytes(encode_trace(trace))
        # Read again: another command may have changed the manifest while this one computed.
        manifest = read_manifest(model)
        manifest["tasks"][task.key]["traces"][SPLIT] = file_entry(model, path)
        write_manifest(model, manifest)
        accuracy = (logits.argmax(axis=2) == gold[:, np.newaxis]).mean(axis=0) * 100
        print(f"{task.name:6} {len(rows):5} rows, accuracy by exit: " + " ".join(f"{value:.1f}" for value in accuracy))


def main() -> None:
    """Parse the arguments and record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_common_arguments(parser)
    arguments = parser.parse_args()
    record(arguments.model, arguments.data, select_tasks(arguments.tasks), arguments.batch_size, arguments.threads)


if __name__ == "__main__":
    main()
