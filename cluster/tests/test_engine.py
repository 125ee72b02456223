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

TASKS = ("sst2", "mrpc", "mnli")
PAGE_SAMPLES, DIRECT_SAMPLES = 500, 28
TOKEN = "a-word-between-friends"
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
    lines = node("--import", "tsx", "cluster/testing/cloud-answers.ts", str(MODEL), str(DIRECT_SAMPLES), *TASKS)
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
        async with grpc.aio.insecure_channel(engine.address) as channel:
            stub = GRPCInferenceServiceStub(channel)
            metadata = [("authorization", f"Bearer {token}")]
            calls = [stub.ModelInfer(request, metadata=metadata, timeout=60) for request in requests]
            return await asyncio.gather(*calls)

    return asyncio.run(ask_all())


def metric(text: str, name: str, **labels: str) -> float:
    """The sum of a metric of the edge over all labels that are not given."""
    lines = [line for line in text.splitlines() if line.startswith((f"{name}{{", f"{name} "))]
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    return sum(float(line.split()[-1]) for line in lines if all(label in line for label in wanted))


def test_pages_get_the_answers_of_the_cloud_in_the_edges_process(engine: Running, tmp_path: Path) -> None:
    token_file = tmp_path / "token"
    token_file.write_text(TOKEN)
    asked = [str(MODEL), f"grpc://{engine.address}", str(token_file), str(PAGE_SAMPLES), *TASKS]
    heard = json.loads(node("--import", "tsx", "cluster/testing/page-answers.ts", *asked))
    in_process, by_engine = heard["inProcess"], heard["byEngine"]
    for way in heard.values():
        assert (way["answered"], way["doubled"]) == (PAGE_SAMPLES, 0)
    assert in_process["cloud"] == "in process"

    # A layer that the edge took on itself would name the edge.
    ways = [[(answer["exitLayer"], answer["tier"]) for answer in way["answers"]] for way in heard.values()]
    assert ways[0] == ways[1]
    crossed = sum(tier == "cloud" for _, tier in ways[1])
    assert crossed > 0.75 * PAGE_SAMPLES
    assert len(set(ways[1])) > 8
    for answer, expected in zip(by_engine["answers"], in_process["answers"], strict=True):
        np.testing.assert_allclose(answer["logits"], expected["logits"], atol=2e-3)

    status = by_engine["cloud"]["engines"]["fp16"]
    assert (status["breaker"], status["opened"], status["cannotRun"]) == ("closed", 0, [])
    assert list(status["replicas"].values()) == [crossed]
    metrics = by_engine["metrics"]
    assert metric(metrics, "dimee_exits_total", tier="cloud") == crossed
    assert metric(metrics, "dimee_exits_total") == PAGE_SAMPLES
    assert metric(metrics, "dimee_cloud_taken_on_total") == 0


def test_a_direct_client_gets_them_too(engine: Running, expected: list[dict]) -> None:
    requests = [request_of({**sample, "id": f"sample {index}"}) for index, sample in enumerate(expected)]
    responses = ask(engine, requests)
    assert [response.id for response in responses] == [request.id for request in requests]
    exits = [response.parameters["exit_layer"].int64_param for response in responses]
    assert exits == [sample["expected"]["exitLayer"] for sample in expected]
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
