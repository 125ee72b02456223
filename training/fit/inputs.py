"""What training reads: prepared rows, and the encoder that they belong to."""

from pathlib import Path

from training.data.files import sha256_of
from training.data.prepared import PREPARED_FILE, Prepared, read_prepared
from training.model.weights import WEIGHTS_FILE


def read_inputs(prepared_folder: Path, encoder: Path) -> tuple[Prepared, dict[str, str]]:
    """Return the prepared rows, and the sha256 of both inputs by their names: `prepared`, `encoder`.

    Raises ValueError where the rows were prepared with another tokenizer, and as `read_prepared` does.
    """
    return read_prepared(prepared_folder, sha256_of(encoder / "tokenizer.json")), {
        "prepared": sha256_of(prepared_folder / PREPARED_FILE),
        "encoder": sha256_of(encoder / WEIGHTS_FILE),
    }
