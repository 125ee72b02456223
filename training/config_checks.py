"""The checks that the config files of all training commands share."""

from collections.abc import Mapping

from training.tasks import TASKS


def expect_fields(config: object, checks: Mapping[str, tuple[bool, str]]) -> None:
    """Raise ValueError for the first field whose check fails; `checks`: whether a field is valid, and what it may be."""
    for name, (valid, wanted) in checks.items():
        if not valid:
            raise ValueError(f"expected {name} to be {wanted}, got {getattr(config, name)!r}")


def are_of_tasks(values: Mapping[str, float]) -> bool:
    """Whether these are numbers ≥ 0 by task key."""
    return set(values) <= {task.key for task in TASKS} and min(values.values(), default=0) >= 0


def are_weights(values: object) -> bool:
    """Whether this is a tuple of numbers ≥ 0 that are not all 0."""
    return isinstance(values, tuple) and all(value >= 0 for value in values) and sum(values) > 0
