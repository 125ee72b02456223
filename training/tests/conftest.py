"""One tiny export shared by all tests."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from training.data.prepare import prepare
from training.data.splits import SplitRule
from training.export.export import export
from training.tests.random_glue import write_glue
from training.tests.tiny.weights import write_encoder, write_weights


@pytest.fixture
def one_thread() -> Iterator[None]:
    """PyTorch on one thread, so that sums come out the same; and no longer deterministic where a test made it so."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(False)


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of tiny random weights."""
    return write_weights(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="session")
def exported(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model's folder as exported; not to be changed."""
    out = tmp_path_factory.mktemp("models") / "tiny"
    export(weights, out)
    return out


@pytest.fixture(scope="session")
def attentive_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of tiny random weights whose ramps pool by attention, as the shipped ones do."""
    return write_weights(tmp_path_factory.mktemp("attentive"), ramp_heads=4)


@pytest.fixture
def model(exported: Path, tmp_path: Path) -> Path:
    """A copy of the exported folder that a test may change."""
    return shutil.copytree(exported, tmp_path / "tiny")


@pytest.fixture
def glue(tmp_path: Path) -> Path:
    """A GLUE folder of random words."""
    return write_glue(tmp_path / "glue")


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny random encoder without exit ramps."""
    return write_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="session")
def prepared(encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared folder of random words; not to be changed."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare(write_glue(folder / "glue", train_rows=120), encoder, folder, SplitRule())
    return folder
