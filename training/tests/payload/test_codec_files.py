"""The commands that fit and measure codecs of a model folder."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from training.data.glue import TASKS
from training.export.export import export
from training.export.exported import load_exported
from training.export.manifest import model_files, model_hash, read_manifest
from training.export.measured import PAYLOADS, read_measured
from training.model.reference import load_reference
from training.payload.codecs import fit_codecs, measure_dev
from training.payload.state_codec import read_codec
from training.tests.payload.shared import SIZES, sizes_of
from training.tests.tiny.weights import HIDDEN

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("kind", ["weights", "attentive_weights"])
def test_exported_files_give_the_model_back(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    reference = load_reference(request.getfixturevalue(kind))
    export(request.getfixturevalue(kind), tmp_path / "tiny")
    found = load_exported(tmp_path / "tiny", read_manifest(tmp_path / "tiny"))
    stored = reference.state_dict()
    assert set(found.state_dict()) == set(stored)
    for name, tensor in found.state_dict().items():
        assert torch.equal(tensor, stored[name][: len(tensor)]), name
    assert found.bert.config.num_attention_heads == reference.bert.config.num_attention_heads


def test_command_writes_files_table_and_manifest(model: Path, prepared: Path, glue: Path) -> None:
    def run() -> None:
        fit_codecs(model, prepared, 40, 10, (1, 2))

    before = model_hash(model_files(read_manifest(model)))
    run()
    manifest = read_manifest(model)
    assert model_hash(model_files(manifest)) == manifest["hash"] == before
    entries = manifest["codecs"]
    assert [entry["layer"] for entry in entries] == [1, 2]
    contents = {entry["file"]["path"]: (model / entry["file"]["path"]).read_bytes() for entry in entries}
    for entry in entries:
        codec = read_codec(contents[entry["file"]["path"]], hidden=HIDDEN, **{size: entry[size] for size in SIZES})
        assert sizes_of(codec) == {"hidden": HIDDEN, **{size: entry[size] for size in SIZES}}
    run()
    assert contents == {path: (model / path).read_bytes() for path in contents}
    measure_dev(model, glue, 5)
    table = read_measured(model, PAYLOADS)
    assert list(table) == ["calibration", "dev"] and set(table["dev"]["rows"].values()) == {5}
    for split in table.values():
        assert list(split["agreementPercent"]["2"]) == [
            "float16", "int8", "int4", "coded, 216 bytes", "coded, 96 bytes",
        ]  # fmt: skip
    assert read_manifest(model)["codecs"] == entries


def test_narrowed_measurements_are_printed_only(
    model: Path, prepared: Path, glue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fit_codecs(model, prepared, 40, 10, (1, 2))
    capsys.readouterr()
    measure_dev(model, glue, 5, TASKS[:1], [2])
    header, tasks, *lines = capsys.readouterr().out.splitlines()
    assert "percent" in header and tasks.split() == [TASKS[0].name]
    assert len(lines) == 5 and all(line.startswith("layer 2") for line in lines)
    assert list(read_measured(model, PAYLOADS)) == ["calibration"]
    with pytest.raises(ValueError, match="layers among"):
        measure_dev(model, glue, 5, TASKS[:1], [3])


def test_rows_of_another_tokenizer_are_refused(model: Path, prepared: Path, tmp_path: Path) -> None:
    about = json.loads((prepared / "prepared.json").read_text(encoding="utf-8"))
    changed = shutil.copytree(prepared, tmp_path / "prepared")
    (changed / "prepared.json").write_text(json.dumps({**about, "tokenizer": "0"}), encoding="utf-8")
    with pytest.raises(ValueError, match="tokenizer"):
        fit_codecs(model, changed, 1, 1)
