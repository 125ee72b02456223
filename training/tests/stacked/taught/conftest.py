"""Fixtures that several test files of this room share."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from training.data.prepare import prepare
from training.data.prepared import read_prepared
from training.data.splits import SplitRule
from training.model.weights import read_tensors
from training.stacked.corruption import Corruption, nearest_words, whole_words
from training.stacked.inputs import read_tokenizer
from training.stacked.rows import RowTable, row_table
from training.stacked.teach import teach
from training.tests.random_glue import write_glue
from training.tests.stacked.taught.shared import CPU, TEACHERS
from training.tests.tiny.weights import write_encoder


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny encoder with a piece more, [MASK]."""
    folder = write_encoder(tmp_path_factory.mktemp("encoder"))
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary["[MASK]"] = len(vocabulary)
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"vocab_size": len(vocabulary)}), encoding="utf-8")
    tensors = load_file(folder / "model.safetensors")
    words = tensors["embeddings.word_embeddings.weight"]
    tensors["embeddings.word_embeddings.weight"] = np.concatenate([words, words[:1] + np.float16(1)])
    save_file(tensors, folder / "model.safetensors")
    return folder


@pytest.fixture(scope="session")
def prepared(encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows prepared with that encoder's tokenizer; not to be changed."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare(write_glue(folder / "glue", train_rows=70), encoder, folder, SplitRule())
    return folder


@pytest.fixture(scope="session")
def teachers(prepared: Path, encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of training.teach; not to be changed."""
    out = tmp_path_factory.mktemp("teachers")
    torch.set_num_threads(1)
    teach(prepared, encoder, out, TEACHERS, CPU)
    return out


@pytest.fixture(scope="session")
def table(prepared: Path) -> RowTable:
    """The table of the train rows."""
    return row_table(read_prepared(prepared).train, 0.5, CPU)


@pytest.fixture(scope="session")
def corruption(prepared: Path, encoder: Path) -> Corruption:
    """What replaces a word of the tiny rows."""
    tokenizer, mask = read_tokenizer(encoder)
    words = whole_words(tokenizer.get_vocab(), [read_prepared(prepared).train])
    embeddings = read_tensors(encoder)["embeddings.word_embeddings.weight"]
    return Corruption(nearest_words(embeddings, words, 3), mask, 0.2)
