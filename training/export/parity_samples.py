"""Sentences written for this project (no data set's text), on which every runtime must agree with PyTorch."""

from collections.abc import Sequence

from training.data.tasks import Task

_SAMPLES = 4

_GLUE_TEXTS: dict[str, list[tuple[str, ...]]] = {
    "sst2": [
        ("A warm, funny film that never wastes a scene.",),
        ("Two hours of noise, and not one honest moment.",),
        ("The ending is weak, yet I would gladly watch it again.",),
        ("Tedious.",),
    ],
    "cola": [
        ("The gardener watered the roses before sunrise.",),
        ("The gardener the roses before watered sunrise.",),
        ("Who did you say that called about the piano?",),
        ("Her sister are painting the fence.",),
    ],
    "mrpc": [
        (
            "The bakery on Mill Street will close in March, its owner said on Monday.",
            "On Monday the owner said that the Mill Street bakery will shut in March.",
        ),
        (
            "Shares of the ferry company rose 4 percent after the report.",
            "The ferry company hired a new captain after the storm.",
        ),
        (
            "Engineers repaired the bridge within three days.",
            "It took engineers only three days to repair the bridge.",
        ),
        (
            "The museum bought a painting for 2 million euros.",
            "The museum sold a painting for 3 million euros.",
        ),
    ],
    "qqp": [
        ("How do I keep basil alive in winter?", "What is the best way to keep a basil plant alive during winter?"),
        ("How do I learn to play the cello?", "How much does a good cello cost?"),
        ("Why is the sky red at sunset?", "What makes the evening sky look red?"),
        ("Is it safe to swim after lunch?", "Is it safe to drive after a long flight?"),
    ],
    "rte": [
        ("Marta moved from Porto to Bergen in May to study fish.", "Marta studies fish in Bergen."),
        ("The choir sang in the old station hall.", "The old station was torn down."),
        ("All three hikers reached the hut before the snow began.", "The hikers were in the hut when it snowed."),
        ("The company plans to open a shop in Ghent.", "The company already has ten shops in Ghent."),
    ],
    "qnli": [
        ("When was the lighthouse built?", "The lighthouse was built in 1874 by local masons."),
        ("Who designed the new library?", "The library is open every day except Sunday."),
        ("How deep is the lake?", "At its deepest point the lake measures 91 metres."),
        ("Which river runs through the town?", "The town has two bakeries, a mill and a school."),
    ],
    "mnli": [
        ("A boy is feeding ducks at the pond.", "A child is outdoors."),
        ("The train was late again, so we missed the play.", "We arrived at the theatre early."),
        ("She plays the violin in a small orchestra.", "She has played since she was six."),
        ("Nobody in the office drinks coffee.", "Everyone in the office loves coffee."),
    ],
}


def parity_texts(tasks: Sequence[Task]) -> dict[str, Sequence[tuple[str, ...]]]:
    """Return the sentences of each task: those above, or the first of its examples."""
    return {task.key: _GLUE_TEXTS.get(task.key, task.examples[:_SAMPLES]) for task in tasks}
