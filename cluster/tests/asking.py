"""Requests as an edge writes them."""

import base64
import json
from typing import Any

import numpy as np
from open_inference_grpc_pb2 import ModelInferRequest, ModelInferResponse

from cluster.tests.conftest import MODEL

MANIFEST = json.loads((MODEL / "manifest.json").read_text("utf-8"))


def add(request: ModelInferRequest, name: str, datatype: str, values: np.ndarray) -> None:
    """One more input, with its data."""
    request.inputs.add(name=name, datatype=datatype, shape=values.shape)
    request.raw_input_contents.append(values.tobytes())


def request_of(sample: dict[str, Any]) -> ModelInferRequest:
    """The request for a line of `cluster/testing/cloud-answers.ts`."""
    request = ModelInferRequest(model_name=MANIFEST["id"], model_version=MANIFEST["hash"], id=sample.get("id", ""))
    texts = {
        "task": sample["task"],
        "variant": sample["variant"],
        "policy": sample["policy"]["id"],
        "policy_parameters": json.dumps(sample["policy"]["parameters"]),
        "plan": json.dumps(sample["plan"]),
    }
    for name, text in texts.items():
        request.parameters[name].string_param = text
    request.parameters["start_layer"].int64_param = sample["startLayer"]
    if "rowSeed" in sample:
        request.parameters["row_seed"].int64_param = sample["rowSeed"]
    if "state" in sample:
        state = np.frombuffer(base64.b64decode(sample["state"]), "<f2").reshape(1, sample["tokens"], -1)
        add(request, "hidden_state", "FP16", state)
        add(request, "attention_mask", "INT64", np.ones(state.shape[:2], "<i8"))
    else:
        add(request, "input_ids", "INT64", np.array([sample["inputIds"]], "<i8"))
        add(request, "token_type_ids", "INT64", np.array([sample["tokenTypeIds"]], "<i8"))
    if sample["priorLogits"]:
        add(request, "prior_logits", "FP32", np.array(sample["priorLogits"], "<f4"))
    return request


def output(response: ModelInferResponse, name: str) -> np.ndarray:
    """An output of an answer."""
    index = [tensor.name for tensor in response.outputs].index(name)
    return np.frombuffer(response.raw_output_contents[index], "<f4").reshape(response.outputs[index].shape)
