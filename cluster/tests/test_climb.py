"""Samples climb beside others, and leave one by one."""

import asyncio
import threading
from collections.abc import Callable

import grpc
import numpy as np
import pytest

from cluster.climb import Climber, Sample
from cluster.line import Bounds
from cluster.refusal import Refusal


class FakeLayers:
    """Layers that add 1 to a state and say its first number; each waits until it may run."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, int]] = []
        self.before: Callable[[int], None] = lambda layer: None

    def embed(self, _variant, rows):
        return [np.zeros((len(ids), 2), np.float32) for ids, _ in rows], 1.0

    def run(self, _variant, layer, states):
        self.before(layer)
        self.batches.append((layer, len(states)))
        after = [state + 1 for state in states]
        return after, np.array([[state[0, 0], 0, 0] for state in after]), 1.0


class FakeRules:
    """Lets each sample leave after the layer that its plan says."""

    def __init__(self) -> None:
        self.exits: dict[str, int] = {}
        self.saturations: list[float | None] = []

    def begin(self, rule):
        if "refused" in rule:
            raise Refusal(grpc.StatusCode.UNIMPLEMENTED, rule["refused"])
        self.exits[rule["key"]] = rule["exit"]
        return rule.get("sees", False)

    def after(self, steps):
        self.saturations += [turned for _, _, turned in steps]
        return [self.exits[key] > logits[0] for key, logits, _ in steps]

    def forget(self, key):
        self.exits.pop(key, None)


def sample_of(key: str, exit_after: int, **rule: object) -> Sample:
    state = np.zeros((4, 2), np.float32)
    return Sample(key, "fp16", 1, "somebody", {"key": key, "exit": exit_after, **rule}, (0, 2), state=state)


class Stage:
    """A climber whose first layer waits until `gate` is opened, so that others come meanwhile."""

    def __init__(self) -> None:
        self.layers, self.rules = FakeLayers(), FakeRules()
        self.reached, self.gate = threading.Event(), threading.Event()
        self.layers.before = self.at_layer
        self.climber = Climber(self.layers, self.rules, Bounds(64), lambda *_: None)

    def at_layer(self, _layer: int) -> None:
        self.reached.set()
        assert self.gate.wait(60)

    async def entered(self, first: Sample, *others: Sample) -> list[asyncio.Task[None]]:
        """Climbs that have begun: the first alone in a layer that waits, the others in line."""
        climbs = [asyncio.create_task(self.climber.climb(first))]
        assert await asyncio.to_thread(self.reached.wait, 60)
        climbs += [asyncio.create_task(self.climber.climb(sample)) for sample in others]
        while not all(hasattr(sample, "left") for sample in others):
            await asyncio.sleep(0)
        return climbs


def test_who_leaves_is_answered_while_the_others_climb_on() -> None:
    async def scene() -> None:
        stage, second_gate = Stage(), threading.Event()
        first, early, deep = sample_of("first", 1), sample_of("early", 2), sample_of("deep", 5)
        climbs = await stage.entered(first, early, deep)
        stage.layers.before = lambda layer: second_gate.wait(60) if layer == 3 else None
        stage.gate.set()
        await asyncio.wait_for(climbs[1], 60)
        assert len(early.logits) == len(early.compute_ms) == 2
        assert not climbs[2].done()
        second_gate.set()
        await asyncio.wait_for(climbs[2], 60)
        assert stage.layers.batches == [(1, 1), (1, 2), (2, 2), (3, 1), (4, 1), (5, 1)]

    asyncio.run(scene())


def test_a_cancelled_sample_is_forgotten_and_the_others_go_on() -> None:
    async def scene() -> None:
        stage = Stage()
        gone, stays = await stage.entered(sample_of("gone", 9), sample_of("stays", 3))
        gone.cancel()
        stage.gate.set()
        await asyncio.wait_for(stays, 60)
        with pytest.raises(asyncio.CancelledError):
            await gone
        await stage.climber.climb(sample_of("later", 1))
        assert "gone" not in stage.rules.exits
        assert max(layer for layer, _ in stage.layers.batches) == 3

    asyncio.run(scene())


def test_a_refused_sample_never_runs() -> None:
    stage = Stage()
    with pytest.raises(Refusal, match="no such policy"):
        asyncio.run(stage.climber.climb(sample_of("a", 1, refused="no such policy")))
    assert stage.layers.batches == []


def test_a_layer_that_breaks_fails_its_batch_and_no_other() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.gate.set()

        def breaks(layer: int) -> None:
            if layer == 2:
                raise RuntimeError("out of memory")

        stage.layers.before = breaks
        with pytest.raises(RuntimeError, match="out of memory"):
            await stage.climber.climb(sample_of("a", 4))
        await stage.climber.climb(sample_of("b", 1))

    asyncio.run(scene())


def test_saturation_is_told_to_policies_that_see_it() -> None:
    stage, sees = Stage(), sample_of("a", 2, sees=True)
    stage.gate.set()
    asyncio.run(stage.climber.climb(sees))
    assert sees.saturations == stage.rules.saturations == [0.0, pytest.approx(1.0)]


def test_a_whole_sample_begins_with_its_embeddings() -> None:
    stage, whole = Stage(), sample_of("a", 2)
    stage.gate.set()
    whole.state, whole.next_layer, whole.ids = None, 0, (np.ones(3, np.int32), np.zeros(3, np.int32))
    asyncio.run(stage.climber.climb(whole))
    assert (whole.next_layer, len(whole.logits)) == (3, 2)
    assert [layer for layer, _ in stage.layers.batches] == [1, 2]
