"""Files are used only where they are those of the manifest."""

import json
from pathlib import Path

import numpy as np
import pytest

from cluster.layers import Layers, saturation
from cluster.model_folder import DamagedModelError, ModelFolder


def test_a_file_with_other_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"id": "mine"}), "utf-8")
    (tmp_path / "layer.onnx").write_bytes(b"other")
    with pytest.raises(DamagedModelError, match=r"layer\.onnx"):
        ModelFolder(tmp_path).read({"path": "layer.onnx", "sha256": "0" * 64})


def test_rows_of_a_batch_come_out_as_they_do_alone(model: ModelFolder) -> None:
    layers = Layers(model, 1)
    random = np.random.default_rng(3)
    rows = [random.normal(size=(tokens, layers.hidden)).astype(np.float32) for tokens in (5, 9, 7)]
    states, logits, ms = layers.run("fp16", 9, rows)
    assert [len(state) for state in states] == [5, 9, 7]
    assert ms > 0
    for index, row in enumerate(rows):
        (alone,), its_logits, _ = layers.run("fp16", 9, [row])
        np.testing.assert_allclose(states[index], alone, atol=1e-4)
        np.testing.assert_allclose(logits[index], its_logits[0], atol=1e-4)


def test_saturation_is_the_cosine_of_the_sums_over_tokens() -> None:
    before, after = np.array([[1, 0], [2, 0]], np.float32), np.array([[1, 1], [1, 1]], np.float32)
    assert saturation(before, after) == pytest.approx(np.sqrt(0.5))
    assert saturation(before * 0, after) == 0
