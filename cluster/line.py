"""Who waits for which layer, whose turn it is, and who runs with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Generic, Protocol, TypeVar


class Waiting(Protocol):
    """A sample as the line sees it."""

    tokens: int
    arrived: float
    asker: str

    @property
    def place(self) -> tuple[str, int]:
        """Variant and layer: samples of one place can run together."""


Item = TypeVar("Item", bound=Waiting)


@dataclass(frozen=True)
class Bounds:
    """What the rows of a batch may take together, padded to the longest; see `core/scheduling/companions.ts`."""

    tokens: int
    """Longest row times rows. A row that is longer runs alone."""
    padding: float = 1.15
    """Rows x longest^2 / sum of length^2, at most."""


def with_companions(leader: Item, candidates: Sequence[Item], bounds: Bounds) -> list[Item]:
    """The rows that run with the leader, as in `core/scheduling/companions.ts`: those nearest in length first."""
    batch, longest, squares = [leader], leader.tokens, leader.tokens**2
    for row in sorted(candidates, key=lambda row: abs(row.tokens - leader.tokens)):
        rows = len(batch) + 1
        if rows * longest > bounds.tokens:
            break
        longest_then, squares_then = max(longest, row.tokens), squares + row.tokens**2
        if rows * longest_then > bounds.tokens or rows * longest_then**2 > bounds.padding * squares_then:
            continue
        batch.append(row)
        longest, squares = longest_then, squares_then
    return batch


class Line(Generic[Item]):
    """Gives turns: of the askers that wait the one who had least computed, and of theirs who came first.

    What an asker had is counted in tokens and forgotten with their last sample. One who comes new starts where the one
    with least stands, so that nobody saves turns up.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._waiting: dict[tuple[str, int], dict[int, Item]] = {}
        self._served: dict[str, int] = {}
        self._present: dict[str, int] = {}

    def enter(self, sample: Item) -> None:
        """A sample has come."""
        if sample.asker not in self._present:
            self._served[sample.asker] = min(self._served.values(), default=0)
        self._present[sample.asker] = self._present.get(sample.asker, 0) + 1

    def leave(self, sample: Item) -> None:
        """It is gone, for whatever reason."""
        self._waiting.get(sample.place, {}).pop(id(sample), None)
        self._present[sample.asker] -= 1
        if self._present[sample.asker] == 0:
            del self._present[sample.asker], self._served[sample.asker]

    def wait(self, sample: Item) -> None:
        """It waits for the layer that it stands before."""
        self._waiting.setdefault(sample.place, {})[id(sample)] = sample

    def next_batch(self) -> list[Item]:
        """Who runs now, out of the line; nobody where nobody waits."""
        waiting = chain.from_iterable(samples.values() for samples in self._waiting.values())
        leader = min(waiting, key=lambda sample: (self._served[sample.asker], sample.arrived), default=None)
        if leader is None:
            return []
        others = self._waiting[leader.place]
        del others[id(leader)]
        batch = with_companions(leader, list(others.values()), self._bounds)
        for sample in batch:
            others.pop(id(sample), None)
            self._served[sample.asker] += sample.tokens
        return batch
