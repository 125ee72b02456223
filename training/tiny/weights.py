"""Random weights of a tiny BERT and a tokenizer of few words, so that nothing big need be at hand."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from training.data.glue import TASKS
from training.data.rows import TASKS_FILE, write_tasks
from training.data.tasks import Task

LAYERS, HIDDEN, HEADS, WIDE, POSITIONS = 3, 32, 4, 64, 160
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "film", "the", "is", "good", "bad", "not", "##s", ".", "why")


def write_weights(
    folder: Path, seed: int = 7, ramp_heads: int = 0, words: Sequence[str] = WORDS, tasks: Sequence[Task] = TASKS
) -> Path:
    """Write config.json, tasks.json, tokenizer.json and model.safetensors, seeded and random; return the folder."""
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
    random = np.random.default_rng(seed)
    tensors = {
        name: random.normal(1.0 if name.endswith("LayerNorm.weight") else 0.0, 0.3, shape).astype(np.float16)
        for name, shape in _shapes(ramp_heads, words, tasks).items()
    }
    save_file(tensors, folder / "model.safetensors")
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer(words), indent=2), encoding="utf-8")
    write_tasks(folder, tasks)
    return folder


def write_encoder(folder: Path, words: Sequence[str] = WORDS) -> Path:
    """Write the same random weights without exit ramps, as a bare encoder is published; return the folder."""
    write_weights(folder, words=words)
    (folder / TASKS_FILE).unlink()
    tensors = load_file(folder / "model.safetensors")
    body = {name: value for name, value in tensors.items() if not name.startswith("exit_ramps.")}
    save_file(body | {"pooler.dense.weight": np.zeros((HIDDEN, HIDDEN), np.float16)}, folder / "model.safetensors")
    return folder


def _shapes(ramp_heads: int, words: Sequence[str], tasks: Sequence[Task]) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(words), HIDDEN),
        "embeddings.position_embeddings.weight": (POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
        "embeddings.LayerNorm.weight": (HIDDEN,),
        "embeddings.LayerNorm.bias": (HIDDEN,),
    }
    for index in range(LAYERS):
        layer, ramp = f"encoder.layer.{index}", f"exit_ramps.{index}"
        linears = {
            f"{layer}.attention.self.query": (HIDDEN, HIDDEN),
            f"{layer}.attention.self.key": (HIDDEN, HIDDEN),
            f"{layer}.attention.self.value": (HIDDEN, HIDDEN),
            f"{layer}.attention.output.dense": (HIDDEN, HIDDEN),
            f"{layer}.intermediate.dense": (WIDE, HIDDEN),
            f"{layer}.output.dense": (HIDDEN, WIDE),
            f"{ramp}.pooler": (HIDDEN, HIDDEN if ramp_heads else 2 * HIDDEN),
            **{f"{ramp}.classifiers.{task.key}": (len(task.labels), HIDDEN) for task in tasks},
        }
        for name, shape in linears.items():
            shapes[f"{name}.weight"], shapes[f"{name}.bias"] = shape, shape[:1]
        if ramp_heads:
            shapes |= {f"{ramp}.query.weight": (ramp_heads, HIDDEN), f"{ramp}.value.weight": (HIDDEN, HIDDEN)}
        for norm in (f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"):
            shapes[f"{norm}.weight"] = shapes[f"{norm}.bias"] = (HIDDEN,)
    return shapes


def _tokenizer(words: Sequence[str]) -> dict:
    def token(name: str, type_id: int) -> dict:
        return {"SpecialToken": {"id": name, "type_id": type_id}}

    def text(name: str, type_id: int) -> dict:
        return {"Sequence": {"id": name, "type_id": type_id}}

    single = [token("[CLS]", 0), text("A", 0), token("[SEP]", 0)]
    specials = {name: {"id": name, "ids": [words.index(name)], "tokens": [name]} for name in ("[CLS]", "[SEP]")}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "pair": [*single, text("B", 1), token("[SEP]", 1)],
            "special_tokens": specials,
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {word: index for index, word in enumerate(words)},
        },
    }
