"""The Ray Serve application: the Open Inference Protocol's service over one model."""

import hmac
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from open_inference_grpc_pb2 import (
    ModelInferRequest,
    ModelInferResponse,
    ModelMetadataRequest,
    ModelMetadataResponse,
    ModelReadyRequest,
    ModelReadyResponse,
    ServerLiveRequest,
    ServerLiveResponse,
    ServerMetadataRequest,
    ServerMetadataResponse,
    ServerReadyRequest,
    ServerReadyResponse,
)
from ray import serve
from ray.serve.grpc_util import RayServegRPCContext

from cluster.climb import Climber
from cluster.exit_rule import ExitRules
from cluster.layers import CUDA, Layers, providers
from cluster.line import Bounds
from cluster.metrics import EngineMetrics
from cluster.model_folder import DamagedModelError, ModelFolder
from cluster.refusal import Refusal
from cluster.requests import Reader, answer

MODEL_VARIABLE = "DIMEE_CLUSTER_MODEL"
"""Where a node keeps the model's folder."""
TOKEN_VARIABLE = "DIMEE_CLUSTER_TOKEN"
"""What clients must send; none where it is not set."""
NAME = "dimee-playground"

BATCH_TOKENS, CUDA_BATCH_TOKENS = 384, 16384
"""Of a batch, padding included: measured on two cores (`edge-server/compute/compute.ts`); on a GPU a guess."""


@dataclass(frozen=True)
class EngineOptions:
    """What the head tells all replicas."""

    exit_rule: str
    """The script of `scripts/exit-rule.mjs`."""
    model_hash: str
    """Of the head's model: a node with another one takes no part."""
    version: str
    threads: int
    """Within a layer."""


class Engine:
    """One replica: all layers of the model, its exit rule, and the samples on their way."""

    def __init__(self, options: EngineOptions) -> None:
        folder = ModelFolder(Path(os.environ[MODEL_VARIABLE]))
        self._manifest = folder.manifest
        found = self._manifest["hash"]
        if found != options.model_hash:
            raise DamagedModelError(
                f"The head serves the model {options.model_hash}; {folder.path} here holds {found}."
            )
        self._options = options
        self._token = os.environ.get(TOKEN_VARIABLE, "")
        self._replica = serve.get_replica_context().replica_id.unique_id
        self._metrics = EngineMetrics()
        self._reader = Reader(self._manifest)
        layers = Layers(folder, options.threads)
        bounds = Bounds(CUDA_BATCH_TOKENS if CUDA in providers() else BATCH_TOKENS)
        self._climber = Climber(layers, ExitRules(options.exit_rule, folder), bounds, self._metrics.batch)

    async def ModelInfer(self, request: ModelInferRequest, grpc_context: RayServegRPCContext) -> ModelInferResponse:
        """One sample, from `start_layer` to where it leaves (docs/open-inference.md)."""

        async def infer() -> ModelInferResponse:
            sample = self._reader.read(request, _metadata(grpc_context, "dimee-on-behalf-of"))
            await self._climber.climb(sample)
            self._metrics.left(sample.next_layer - 1, sample.queue_ms)
            return answer(request, sample, self._replica)

        return await self._answered(grpc_context, infer, ModelInferResponse())

    async def ServerLive(self, request: ServerLiveRequest) -> ServerLiveResponse:
        """A replica that answers lives."""
        return ServerLiveResponse(live=True)

    async def ServerReady(self, request: ServerReadyRequest) -> ServerReadyResponse:
        """A replica takes requests once its model is open."""
        return ServerReadyResponse(ready=True)

    async def ModelReady(self, request: ModelReadyRequest, grpc_context: RayServegRPCContext) -> ModelReadyResponse:
        """Whether it is this model that is asked for."""

        async def ready() -> ModelReadyResponse:
            self._reader.check_model(request.name, request.version)
            return ModelReadyResponse(ready=True)

        return await self._answered(grpc_context, ready, ModelReadyResponse())

    async def ServerMetadata(
        self, request: ServerMetadataRequest, grpc_context: RayServegRPCContext
    ) -> ServerMetadataResponse:
        """What this server is."""

        async def metadata() -> ServerMetadataResponse:
            return ServerMetadataResponse(name=NAME, version=self._options.version)

        return await self._answered(grpc_context, metadata, ServerMetadataResponse())

    async def ModelMetadata(
        self, request: ModelMetadataRequest, grpc_context: RayServegRPCContext
    ) -> ModelMetadataResponse:
        """The model's tensors, and as properties its layers, variants and tasks."""

        async def metadata() -> ModelMetadataResponse:
            self._reader.check_model(request.name, request.version)
            return _described(self._manifest)

        return await self._answered(grpc_context, metadata, ModelMetadataResponse())

    async def _answered(self, context: RayServegRPCContext, work: Callable[[], Awaitable[Any]], nothing: Any) -> Any:
        """What the work gives; for a refusal nothing, and its code and words in the context.

        A refusal is returned and not raised: Serve writes a traceback into its log for all that is raised.
        """
        try:
            self._check_token(context)
            return await work()
        except Refusal as refusal:
            self._metrics.refused(refusal.code.name)
            context.set_code(refusal.code)
            context.set_details(str(refusal))
            return nothing

    def _check_token(self, context: RayServegRPCContext) -> None:
        given = _metadata(context, "authorization")
        if self._token and not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            raise Refusal(
                grpc.StatusCode.UNAUTHENTICATED, "This engine wants its token: authorization: Bearer <token>."
            )


def _metadata(context: RayServegRPCContext, name: str) -> str:
    value = dict(context.invocation_metadata()).get(name, "")
    return value if isinstance(value, str) else ""


def _described(manifest: dict[str, Any]) -> ModelMetadataResponse:
    hidden, layers = manifest["hidden"], manifest["layers"]
    response = ModelMetadataResponse(
        name=manifest["id"], versions=[manifest["hash"]], platform="onnxruntime", properties={"layers": str(layers)}
    )
    response.properties["variants"] = ",".join(manifest["variants"])
    response.properties["tasks"] = ",".join(manifest["tasks"])
    inputs = {
        "hidden_state": ("FP16", [1, -1, hidden]),
        "attention_mask": ("INT64", [1, -1]),
        "prior_logits": ("FP32", [-1, -1]),
        "input_ids": ("INT64", [1, -1]),
        "token_type_ids": ("INT64", [1, -1]),
    }
    outputs = {
        "logits": ("FP32", [-1, -1]),
        "compute_ms": ("FP32", [-1]),
        "queue_ms": ("FP32", [1]),
        "saturation": ("FP32", [-1]),
    }
    for name, (datatype, shape) in inputs.items():
        response.inputs.add(name=name, datatype=datatype, shape=shape)
    for name, (datatype, shape) in outputs.items():
        response.outputs.add(name=name, datatype=datatype, shape=shape)
    return response


@dataclass(frozen=True)
class Scale:
    """How many replicas there are, and what one may hold."""

    least: int
    most: int
    ongoing: int
    """Samples in a replica at once, at most: what batches can be made of.

    Far more than keep one busy: those that wait before the replicas are handed on by asking again and again, with
    growing pauses. Of 256 at once with 64 let in, 12 were answered a second.
    """
    queued: int
    """Samples that wait before the replicas; one more is answered RESOURCE_EXHAUSTED."""
    busy: int
    """Samples in each replica, on average, beyond which one more is started."""
    fewer_after_s: float
    """Seconds of less than that, after which one ends."""
    gpus: float


def application(options: EngineOptions, scale: Scale) -> serve.Application:
    """The application, ready for `serve.run`."""
    deployment = serve.deployment(
        Engine,
        name="Engine",
        max_ongoing_requests=scale.ongoing,
        max_queued_requests=scale.queued,
        ray_actor_options={"num_cpus": options.threads, "num_gpus": scale.gpus},
        autoscaling_config={
            "min_replicas": scale.least,
            "max_replicas": scale.most,
            "target_ongoing_requests": scale.busy,
            "upscale_delay_s": 5,
            "downscale_delay_s": scale.fewer_after_s,
        },
        graceful_shutdown_timeout_s=20,
        health_check_period_s=5,
    )
    return deployment.bind(options)
