"""Random weights of a tiny BERT and a tokenizer of few words, so that nothing big need be at hand."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from training.data.glue import TASKS
from training.data.rows import write_tasks
from training.data.tasks import Task
from training.model.reference import ReferenceModel, bert_config, stored_tensors

LAYERS, HIDDEN, HEADS, WIDE, POSITIONS = 3, 32, 4, 64, 160
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "film", "the", "is", "good", "bad", "not", "##s", ".", "why")


def write_weights(
    folder: Path, seed: int = 7, ramp_heads: int = 0, words: Sequence[str] = WORDS, tasks: Sequence[Task] = TASKS
) -> Path:
    """Write config.json, tasks.json, tokenizer.json and model.safetensors, seeded and random; return the folder."""
    model = _random_model(folder, words, tasks, seed, ramp_heads)
    save_file(stored_tensors(model), folder / "model.safetensors")
    write_tasks(folder, tasks)
    return folder


def write_encoder(folder: Path, words: Sequence[str] = WORDS) -> Path:
    """Write such weights without exit ramps, as a bare encoder is published; return the folder."""
    body = {
        name: value
        for name, value in stored_tensors(_random_model(folder, words, (), seed=7)).items()
        if not name.startswith("exit_ramps.")
    }
    save_file(body | {"pooler.dense.weight": torch.zeros(HIDDEN, HIDDEN).half()}, folder / "model.safetensors")
    return folder


def _random_model(
    folder: Path, words: Sequence[str], tasks: Sequence[Task], seed: int, ramp_heads: int = 0
) -> ReferenceModel:
    """Write config.json and tokenizer.json; return a model of that config, its parameters drawn around 0, or 1."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": WIDE,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2,
        "vocab_size": len(words),
        "layer_norm_eps": 1e-12,
        "pad_token_id": 0,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    _tokenizer(words).save(str(folder / "tokenizer.json"))
    model = ReferenceModel(bert_config(folder), tasks, ramp_heads=ramp_heads)
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.normal_(1.0 if name.endswith("LayerNorm.weight") else 0.0, 0.3, generator=random)
    return model


def _tokenizer(words: Sequence[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece({word: place for place, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    # Listed among the added tokens as in published models: other tokenisers know special tokens by that alone.
    tokenizer.add_special_tokens([name for name in words if name.startswith("[") and name.endswith("]")])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(name, words.index(name)) for name in ("[CLS]", "[SEP]")],
    )
    return tokenizer
