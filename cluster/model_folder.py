"""A folder with a model: its manifest and its files, each checked by its SHA-256."""

import hashlib
import json
from pathlib import Path
from typing import Any


class DamagedModelError(Exception):
    """A file of the model is not the one that the manifest lists."""


class ModelFolder:
    """What the manifest names; format and meaning stand in `core/model/manifest.ts`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest: dict[str, Any] = json.loads((path / "manifest.json").read_text("utf-8"))

    def read(self, file: dict[str, Any]) -> bytes:
        """The bytes of one of the manifest's files.

        Raises `DamagedModelError` where they are others than the manifest lists.
        """
        data = (self.path / file["path"]).read_bytes()
        found = hashlib.sha256(data).hexdigest()
        if found != file["sha256"]:
            raise DamagedModelError(
                f"{self.path / file['path']} has the SHA-256 {found}, where the manifest lists {file['sha256']}. "
                "Copy the model's folder again."
            )
        return data
