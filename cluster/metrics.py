"""What Prometheus can ask of the engine, at each node's metrics port."""

from ray.util.metrics import Counter, Histogram

MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]
ROWS = [1, 2, 4, 8, 16, 32, 64, 128]


class EngineMetrics:
    """A replica's own numbers; Serve tells of requests, replicas and queues besides."""

    def __init__(self) -> None:
        self._left = Counter("dimee_engine_samples_left", "Samples that left, by layer.", tag_keys=("layer",))
        self._refused = Counter("dimee_engine_refused", "Requests turned away, by status.", tag_keys=("code",))
        self._queue = Histogram("dimee_engine_queue_ms", "Milliseconds a sample waited for its turns.", boundaries=MS)
        self._layer = Histogram("dimee_engine_layer_ms", "Milliseconds of a batch in a layer.", boundaries=MS)
        self._rows = Histogram("dimee_engine_batch_rows", "Rows of a batch.", boundaries=ROWS)

    def left(self, layer: int, queue_ms: float) -> None:
        """A sample was answered."""
        self._left.inc(tags={"layer": str(layer)})
        self._queue.observe(queue_ms)

    def refused(self, code: str) -> None:
        """A request was turned away."""
        self._refused.inc(tags={"code": code})

    def batch(self, layer: int, rows: int, computed_ms: float) -> None:
        """A batch was run; the embeddings are layer 0."""
        if layer > 0:
            self._layer.observe(computed_ms)
            self._rows.observe(rows)
