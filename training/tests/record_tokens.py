r"""Records what the installed tokenizers package does with texts, for TypeScript to do the same.

`python -m training.tests.record_tokens` writes the files. With words behind it, it shows the tokens of that text by
each model instead; `\u{1f600}` and the like are code points.
"""

import json
import re
import sys
from pathlib import Path

from training.tests.tokens.character_tables import character_tables
from training.tests.tokens.token_hashes import (
    MOST_PARTS,
    PARTS,
    SEED,
    code_point_hashes,
    mixed_string_hashes,
    tokenizer_without_special_tokens,
)

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "core/model/bert-tables.ts"
HASHES = ROOT / "core/testing/token-hashes.json"
SHIPPED = "public/models/e5-small-v2-glue/tokenizer.json"
TOKENIZERS = (SHIPPED, "core/testing/models/tiny-topics/tokenizer.json")


def recorded() -> dict[Path, str]:
    """The files as the installed package has them."""
    tokenizers = {path: tokenizer_without_special_tokens(ROOT / path) for path in TOKENIZERS}
    hashes = {
        "codePoints": {SHIPPED: code_point_hashes(tokenizers[SHIPPED])},
        "mixed": {"seed": SEED, "mostParts": MOST_PARTS, "parts": PARTS},
        "mixedStrings": {path: mixed_string_hashes(tokenizer) for path, tokenizer in tokenizers.items()},
    }
    return {TABLES: character_tables(), HASHES: json.dumps(hashes, indent=2) + "\n"}


def show(text: str) -> None:
    for path in TOKENIZERS:
        encoding = tokenizer_without_special_tokens(ROOT / path).encode(text, add_special_tokens=False)
        print(path, encoding.ids, encoding.tokens)


def main(words: list[str]) -> None:
    if words:
        show(re.sub(r"\\u\{([0-9a-f]+)\}", lambda match: chr(int(match[1], 16)), " ".join(words)))
        return
    for path, text in recorded().items():
        path.write_text(text, "utf-8")
        print(f"{path.relative_to(ROOT)}: {len(text.encode()):,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
