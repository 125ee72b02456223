"""The tokenizer that training.teach and training.distil read, and their common arguments."""

import argparse
from pathlib import Path

import torch
from tokenizers import Tokenizer

from training.data.tokenise import load_tokenizer


def read_tokenizer(encoder: Path) -> tuple[Tokenizer, int]:
    """Return the encoder's tokenizer and the id of its [MASK]. Raises ValueError where it has none."""
    tokenizer = load_tokenizer(encoder / "tokenizer.json")
    mask = tokenizer.token_to_id("[MASK]")
    if mask is None:
        raise ValueError("expected a tokenizer.json with the piece [MASK], which stands for replaced words")
    return tokenizer, mask


def add_stacked_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --config and --device."""
    parser.add_argument("--config", type=Path, help="JSON with fields to replace (training/stacked/config.py)")
    default = "cuda" if torch.cuda.is_available() else "cpu"
    parser.add_argument("--device", choices=("cuda", "cpu"), default=default, help=f"default here: {default}")
