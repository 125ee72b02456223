"""q8 made anew from what an exported folder holds."""

import shutil
from pathlib import Path

from training.export.export import export
from training.export.manifest import read_manifest
from training.export.quantise import quantise
from training.model.provenance import read_provenance


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file by its path in the folder."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_fp16_files_give_the_q8_files_of_the_weights_folder(attentive_weights: Path, tmp_path: Path) -> None:
    export(attentive_weights, tmp_path / "tiny")
    before = contents(tmp_path / "tiny")
    shutil.rmtree(tmp_path / "tiny" / "q8")
    quantise(tmp_path / "tiny")
    assert contents(tmp_path / "tiny") == before


def test_only_q8_and_what_is_said_of_it_change(model: Path, prepared: Path) -> None:
    manifest, before = read_manifest(model), contents(model)
    manifest["tasks"]["sst2"]["temperatures"][0] = 1.5
    quantise(model, prepared)
    changed = {path.parts[0] for path, content in contents(model).items() if content != before[path]}
    assert changed == {"q8", "manifest.json", "provenance.json"}
    assert "train split" in read_provenance(model)["quantisation"]
    found = read_manifest(model)
    assert found["hash"] != manifest["hash"] and found["variants"]["fp16"] == manifest["variants"]["fp16"]
