"""A node's processes: started in a folder of their own, recorded there, and ended by what was recorded."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import ray  # noqa: F401 -- brings psutil

import psutil  # isort: skip

GRACE_S = 5.0


@dataclass(frozen=True)
class Recorded:
    """A process: its id, and when it began, as ids are given again."""

    pid: int
    began: float


class NodeFolder:
    """Where a node keeps all that it writes, its processes among it; `remove` leaves nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._record = path / "processes.json"

    @property
    def service_code(self) -> Path:
        """Where the service's Python is made."""
        return self.path / "service"

    @property
    def ray(self) -> Path:
        """Ray's sessions, logs and sockets. Short, as the name of a socket may not be long."""
        return self.path / "ray"

    @property
    def log(self) -> Path:
        """What the node's first process says."""
        return self.path / "node.log"

    def running(self) -> list[psutil.Process]:
        """The recorded processes that run."""
        if not self._record.exists():
            return []
        recorded = [Recorded(**entry) for entry in json.loads(self._record.read_text("utf-8"))]
        return [process for entry in recorded if (process := _found(entry))]

    def all_running(self) -> list[psutil.Process]:
        """Those and what they have started since, replicas for instance."""
        return _with_descendants(self.running())

    def start(self, arguments: Sequence[str], environment: dict[str, str]) -> None:
        """Start a node's first process, which starts the others."""
        self.path.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "ray.scripts.scripts", *arguments]
            process = subprocess.Popen(
                command,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._write([psutil.Process(process.pid)])

    def record_all(self) -> None:
        """Record what the recorded processes have started since."""
        self._write(self.all_running())

    def stop(self) -> int:
        """End the recorded processes and theirs; how many there were."""
        processes = self.all_running()
        for process in processes[:1]:
            _quietly(process.terminate)
        _, left = psutil.wait_procs(processes, GRACE_S)
        for process in _with_descendants(left):
            _quietly(process.kill)
        psutil.wait_procs(left, GRACE_S)
        return len(processes)

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _write(self, processes: Iterable[psutil.Process]) -> None:
        recorded = [Recorded(process.pid, process.create_time()) for process in processes if process.is_running()]
        self._record.write_text(json.dumps([asdict(entry) for entry in recorded]), "utf-8")


def _found(entry: Recorded) -> psutil.Process | None:
    try:
        process = psutil.Process(entry.pid)
        is_same = process.create_time() == entry.began and process.status() != psutil.STATUS_ZOMBIE
        return process if is_same else None
    except psutil.NoSuchProcess:
        return None


def _with_descendants(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    found = list(processes)
    for process in processes:
        try:
            found += process.children(recursive=True)
        except psutil.NoSuchProcess:
            continue
    return list(dict.fromkeys(found))


def _quietly(end: object) -> None:
    try:
        end()
    except psutil.NoSuchProcess:
        return
