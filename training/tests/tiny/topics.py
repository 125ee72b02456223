"""The task of the tiny model: what a sentence is about, in sentences made from templates of our own.

A plain sentence has words of one topic; a tricky one tells of another topic too, and which of its parts counts, the
words between them say.
"""

import string
from pathlib import Path

import numpy as np

from training.data.rows import task_folder, write_tasks
from training.data.tasks import Row, Task

TASK = Task(
    key="topic",
    name="Topic",
    labels=("sport", "weather", "money"),
    pair=False,
    question="What is it about?",
    metric="accuracy",
    examples=(
        ("The team won the match.",),
        ("Rain fell on the coast.",),
        ("The bank raised its prices.",),
        ("The runner lost the race on Monday.",),
        ("A storm reached the town at night.",),
        ("After the match, the bank cut its rates.",),
        ("While the market fell, the keeper saved the game.",),
        ("The shares rose, but snow covered the town.",),
    ),
)

_SUBJECTS = (
    ("the team", "the keeper", "the runner", "our coach", "the young swimmer", "the club"),
    ("rain", "a storm", "the wind", "thick fog", "snow", "warm sun"),
    ("the bank", "the market", "a shop", "the company", "the saver", "the lender"),
)
_VERBS = (
    ("won", "lost", "played", "missed", "entered"),
    ("reached", "covered", "left", "crossed", "hit"),
    ("raised", "cut", "paid", "sold", "lent"),
)
_OBJECTS = (
    ("the match", "the race", "the cup", "a game", "the final"),
    ("the coast", "the hills", "the town", "the valley", "the north"),
    ("its prices", "the shares", "a loan", "its rates", "the debt"),
)
_TIMES = ("", " on Monday", " at night", " again", " last week", " this spring")
_PIECES = "0123456789.,?!'-" + string.ascii_lowercase
_TRICKS = (
    "after {other}, {text}",
    "{text}, after {other}",
    "while {other}, {text}",
    "{text}, while {other}",
    "{other}, but {text}",
    "{text}, though {other}",
    "though {other}, {text}",
)
# How many of a hundred sentences are tricky, and of how many the label is another one, as people differ.
_TRICKY, _MISTAKEN = 70, 4


def write_topics(data: Path, train_rows: int, dev_rows: int, seed: int) -> None:
    """Write a data folder: tasks.json, and train.tsv and dev.tsv of the task; no sentence comes twice."""
    random = np.random.default_rng(seed)
    rows: dict[str, int] = {}
    while len(rows) < train_rows + dev_rows:
        row = _sentence(random)
        rows.setdefault(row.texts[0], row.gold)
    lines = [f"{text}\t{gold}" for text, gold in rows.items()]
    folder = task_folder(data, TASK)
    folder.mkdir(parents=True)
    write_tasks(data, [TASK])
    for name, part in (("train.tsv", lines[:train_rows]), ("dev.tsv", lines[train_rows:])):
        (folder / name).write_text("\n".join(["sentence\tlabel", *part]) + "\n", encoding="utf-8")


def word_pieces() -> list[str]:
    """Return the tokenizer's pieces: all words of the sentences, and single letters for any others."""
    texts = [text for group in (*_SUBJECTS, *_VERBS, *_OBJECTS, _TIMES) for text in group]
    texts += [texts[0].translate(str.maketrans("", "", string.punctuation)) for texts in TASK.examples]
    words = {word for text in (*texts, "after while but though") for word in text.lower().split()} - set(_PIECES)
    letters = [*_PIECES, *(f"##{letter}" for letter in string.ascii_lowercase)]
    return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *sorted(words)]


def _sentence(random: np.random.Generator) -> Row:
    topic = int(random.integers(len(TASK.labels)))
    text = _clause(topic, random)
    if random.integers(100) < _TRICKY:
        other = (topic + int(random.integers(1, len(TASK.labels)))) % len(TASK.labels)
        text = random.choice(_TRICKS).format(text=text, other=_clause(other, random))
    said = int(random.integers(len(TASK.labels))) if random.integers(100) < _MISTAKEN else topic
    return Row((f"{text[0].upper()}{text[1:]}{random.choice(_TIMES)}.",), said)


def _clause(topic: int, random: np.random.Generator) -> str:
    return " ".join(random.choice(part[topic]) for part in (_SUBJECTS, _VERBS, _OBJECTS))
