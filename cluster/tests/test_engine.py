"""The real engine on this machine: started, asked and stopped by its commands."""

import asyncio
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc
import numpy as np
import pytest
from open_inference_grpc_pb2 import ModelInferRequest, ModelInferResponse, ModelReadyRequest, ServerReadyRequest
from open_inference_grpc_pb2_grpc import GRPCInferenceServiceStub

from cluster.processes import psutil
from cluster.service_code import ROOT
from cluster.tests.asking import output, request_of
from cluster.tests.conftest import MODEL, node

SAMPLES, TASKS, AT_ONCE = 500, ("sst2", "mrpc", "mnli"), 50
TOKEN = "a word between friends"
NODE_PORTS = 8


@dataclass(frozen=True)
class Running:
    address: str
    folder: Path


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody listens at, below those that systems hand out."""
    for first in range(20_000 + os.getpid() % 1000 * 10, 32_000, count):
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("0.0.0.0", port))
        except OSError:
            continue
        return first
    raise AssertionError("no ports are free")


def cluster(*words: str) -> None:
    environment = {**os.environ, "DIMEE_CLUSTER_TOKEN": TOKEN}
    subprocess.run(["node", "scripts/cluster.mjs", *words], cwd=ROOT, env=environment, check=True, timeout=120)


@pytest.fixture(scope="module")
def expected() -> list[dict]:
    """Samples with what the cloud tier in the edge's process answers."""
    lines = node("--import", "tsx", "cluster/testing/cloud-answers.ts", str(MODEL), str(SAMPLES), *TASKS)
    return [json.loads(line) for line in lines.splitlines()]


@pytest.fixture(scope="module")
def engine() -> Iterator[Running]:
    first = free_ports(NODE_PORTS + 2)
    grpc_port, http_port = first + NODE_PORTS, first + NODE_PORTS + 1
    with TemporaryDirectory(prefix="dc-") as parent:
        folder = Path(parent, "node")
        ports = [f"--first-port={first}", f"--grpc-port={grpc_port}", f"--http-port={http_port}"]
        cluster("head", f"--folder={folder}", "--replicas=1", "--cpus=1", *ports)
        started = [psutil.Process(entry["pid"]) for entry in json.loads((folder / "processes.json").read_text())]
        try:
            yield Running(f"127.0.0.1:{grpc_port}", folder)
        finally:
            cluster("stop", f"--folder={folder}")
        assert len(started) > 5
        assert [process for process in started if process.is_running()] == []
        assert not folder.exists()


def ask(engine: Running, requests: list[ModelInferRequest], token: str = TOKEN) -> list[ModelInferResponse]:
    async def ask_all() -> list[ModelInferResponse]:
        turns = asyncio.Semaphore(AT_ONCE)
        async with grpc.aio.insecure_channel(engine.address) as channel:
            stub = GRPCInferenceServiceStub(channel)

            async def ask_one(request: ModelInferRequest) -> ModelInferResponse:
                async with turns:
                    return await stub.ModelInfer(request, metadata=[("authorization", f"Bearer {token}")], timeout=60)

            return await asyncio.gather(*map(ask_one, requests))

    return asyncio.run(ask_all())


def test_answers_are_those_of_the_cloud_in_the_edges_process(engine: Running, expected: list[dict]) -> None:
    requests = [request_of({**sample, "id": f"sample {index}"}) for index, sample in enumerate(expected)]
    responses = ask(engine, requests)
    assert [response.id for response in responses] == [request.id for request in requests]
    exits = [response.parameters["exit_layer"].int64_param for response in responses]
    assert exits == [sample["expected"]["exitLayer"] for sample in expected]
    assert len(set(exits)) > 8
    for response, sample in zip(responses, expected, strict=True):
        logits = output(response, "logits")
        np.testing.assert_allclose(logits, sample["expected"]["logits"], atol=2e-3)
        assert len(output(response, "compute_ms")) == len(logits)


def test_who_is_refused_hears_why(engine: Running, expected: list[dict]) -> None:
    def refusal(request: ModelInferRequest, token: str = TOKEN) -> tuple[grpc.StatusCode, str]:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            ask(engine, [request], token)
        return caught.value.code(), caught.value.details()

    code, words = refusal(request_of(expected[0]), "guessed")
    assert code == grpc.StatusCode.UNAUTHENTICATED
    assert "authorization: Bearer" in words
    other = request_of(expected[0])
    other.model_version = "0" * 64
    code, words = refusal(other)
    assert code == grpc.StatusCode.FAILED_PRECONDITION
    assert "0" * 64 in words
    code, words = refusal(request_of({**expected[0], "policy": {"id": "dimee-pools", "parameters": {}}}))
    assert code == grpc.StatusCode.UNIMPLEMENTED
    assert "dimee-pools" in words
    code, words = refusal(request_of({**expected[0], "startLayer": 13}))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert "from 1 to 12" in words


def test_health_needs_no_token_and_the_model_does(engine: Running) -> None:
    with grpc.insecure_channel(engine.address) as channel:
        stub = GRPCInferenceServiceStub(channel)
        assert stub.ServerReady(ServerReadyRequest(), timeout=10).ready
        with pytest.raises(grpc.RpcError) as caught:
            stub.ModelReady(ModelReadyRequest(name="e5-small-v2-glue"), timeout=10)
        assert caught.value.code() == grpc.StatusCode.UNAUTHENTICATED
