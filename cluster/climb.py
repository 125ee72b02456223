"""The climb: samples run layer after layer beside whoever waits for the same one, and leave one by one.

`@serve.batch` does not fit it: a batch of it is answered when all of it is done, while here samples leave after any
layer and are answered at once, and those that stay go on with others than they came with.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import grpc
import numpy as np

from cluster.exit_rule import ExitRules
from cluster.layers import Layers, saturation
from cluster.line import Bounds, Line
from cluster.refusal import Refusal


@dataclass(eq=False)
class Sample:
    """A sample on its way; `next_layer` 0 stands before the embeddings."""

    key: str
    variant: str
    next_layer: int
    asker: str
    rule: dict[str, Any]
    """An `EngineSample` of `exit-rule.ts`."""
    classes: tuple[int, int]
    """The task's slice of the logits."""
    ids: tuple[np.ndarray, np.ndarray] | None = None
    state: np.ndarray | None = None
    arrived: float = field(default_factory=perf_counter)
    waiting_since: float = 0.0
    queue_ms: float = 0.0
    sees_saturation: bool = False
    logits: list[np.ndarray] = field(default_factory=list)
    compute_ms: list[float] = field(default_factory=list)
    saturations: list[float] = field(default_factory=list)
    left: asyncio.Future[None] = field(init=False)
    """Of its climb."""

    @property
    def tokens(self) -> int:
        """How long it is."""
        return len(self.state if self.state is not None else self.ids[0])

    @property
    def place(self) -> tuple[str, int]:
        """What it waits for."""
        return self.variant, self.next_layer


class Climber:
    """Runs one batch at a time, on a thread of its own, for as long as anybody waits.

    `on_batch` hears of each: the layer, the rows and the milliseconds.
    """

    def __init__(
        self, layers: Layers, rules: ExitRules, bounds: Bounds, on_batch: Callable[[int, int, float], None]
    ) -> None:
        self._layers, self._rules, self._on_batch = layers, rules, on_batch
        self._line: Line[Sample] = Line(bounds)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="layers")
        # A policy's first sample reads what it was fitted to; nobody else waits for that.
        self._entrance = ThreadPoolExecutor(1, thread_name_prefix="entrance")
        self._turning: asyncio.Task[None] | None = None

    async def climb(self, sample: Sample) -> None:
        """Takes the sample up to where it leaves. Cancelling takes it out of the line.

        Raises `Refusal` for a policy or a request that cannot be followed, and for logits that are not finite.
        """
        try:
            sample.sees_saturation = await self._on(self._entrance, self._rules.begin, sample.rule)
        except BaseException:
            self._entrance.submit(self._rules.forget, sample.key)
            raise
        try:
            await self._through(sample)
        except BaseException:
            # After the batch that it may be in.
            self._thread.submit(self._rules.forget, sample.key)
            raise
        if not np.isfinite(sample.logits[-1]).all():
            problem = f"Layer {sample.next_layer - 1} gave logits that are not finite. Try another variant."
            raise Refusal(grpc.StatusCode.INTERNAL, problem)

    async def _through(self, sample: Sample) -> None:
        sample.left = asyncio.get_running_loop().create_future()
        self._line.enter(sample)
        try:
            self._wait(sample)
            await sample.left
        finally:
            self._line.leave(sample)

    def _wait(self, sample: Sample) -> None:
        sample.waiting_since = perf_counter()
        self._line.wait(sample)
        if self._turning is None or self._turning.done():
            self._turning = asyncio.create_task(self._turn())

    async def _turn(self) -> None:
        while batch := self._line.next_batch():
            now = perf_counter()
            for sample in batch:
                sample.queue_ms += 1000 * (now - sample.waiting_since)
            try:
                stays = await self._on(self._thread, self._run, batch)
            except Exception as error:
                for sample in batch:
                    if not sample.left.done():
                        sample.left.set_exception(error)
                continue
            for sample, stay in zip(batch, stays, strict=True):
                # Cancelled samples are done already.
                if sample.left.done():
                    continue
                if stay:
                    self._wait(sample)
                else:
                    sample.left.set_result(None)

    def _run(self, batch: list[Sample]) -> list[bool]:
        variant, layer = batch[0].place
        if layer == 0:
            states, ms = self._layers.embed(variant, [sample.ids for sample in batch])
            stays = [True] * len(batch)
        else:
            states, logits, ms = self._layers.run(variant, layer, [sample.state for sample in batch])
            stays = self._stays(batch, states, logits)
        self._on_batch(layer, len(batch), ms)
        for sample, state in zip(batch, states, strict=True):
            sample.state = state
            sample.next_layer = layer + 1
            if layer > 0:
                sample.compute_ms.append(ms)
        return stays

    def _stays(self, batch: list[Sample], states: list[np.ndarray], logits: np.ndarray) -> list[bool]:
        steps = []
        for sample, state, row in zip(batch, states, logits, strict=True):
            turned = saturation(sample.state, state) if sample.sees_saturation else None
            if turned is not None:
                sample.saturations.append(turned)
            sample.logits.append(row[slice(*sample.classes)])
            steps.append((sample.key, row.tolist(), turned))
        return self._rules.after(steps)

    async def _on(self, thread: ThreadPoolExecutor, job: Callable[..., Any], *given: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(thread, job, *given)
