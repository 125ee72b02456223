"""What the configs of all training commands share: kinds of fields, how they are read, what their weights mean."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter

from training.data.files import read_json
from training.data.tasks import Task, expect_keys

_Config = TypeVar("_Config")

# Of pydantic's dataclasses: a config says what it does not know, and takes no number for a truth value.
CHECKED = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
ShareBelowOne = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(ge=1)]
ByTask = Mapping[str, NotNegative]


def _not_all_zero(weights: tuple[float, ...]) -> tuple[float, ...]:
    if sum(weights) == 0:
        raise ValueError("expected weights that are not all 0")
    return weights


# A layer's number, the same for all, or one number a layer; divided by their sum.
LayerWeights = (
    Literal["layer", "uniform"] | Annotated[tuple[NotNegative, ...], Field(min_length=1), AfterValidator(_not_all_zero)]
)


def read_config(path: Path | None, kind: type[_Config]) -> _Config:
    """Read a JSON object of fields to replace; no path gives the defaults. Raises ValueError as `config_of`."""
    return config_of({} if path is None else read_json(path), kind)


def config_of(changes: Mapping[str, Any], kind: type[_Config]) -> _Config:
    """Return a config of this kind from parsed JSON. Raises ValueError for an unknown field or a bad value."""
    return TypeAdapter(kind).validate_json(json.dumps(changes))


def expect_tasks(config: Any, tasks: Sequence[Task]) -> None:
    """Raise ValueError where a config names a task that is not among these."""
    for values in asdict(config).values():
        if isinstance(values, Mapping):
            expect_keys(tasks, list(values))


def shares_of_layers(weights: LayerWeights, layers: int) -> list[float]:
    """Return one weight a layer, summing to 1. Raises ValueError for another number of weights."""
    if weights == "layer":
        weights = tuple(range(1, layers + 1))
    elif weights == "uniform":
        weights = (1,) * layers
    if len(weights) != layers:
        raise ValueError(f"expected {layers} weights, one a layer, got {len(weights)}: {list(weights)}")
    return [weight / sum(weights) for weight in weights]
