"""What a request must be, and what is said of one that is not."""

import base64
from collections.abc import Callable

import grpc
import numpy as np
import pytest
from open_inference_grpc_pb2 import ModelInferRequest

from cluster.climb import Sample
from cluster.refusal import Refusal
from cluster.requests import Reader, answer
from cluster.tests.asking import MANIFEST, add, output, request_of

TOKENS, HIDDEN = 5, 384


def state_of(values: float = 0.5) -> str:
    return base64.b64encode(np.full((TOKENS, HIDDEN), values, "<f2").tobytes()).decode()


def sample(**other: object) -> dict:
    return {
        "task": "mnli",
        "variant": "q8",
        "policy": {"id": "confidence", "parameters": {"cloudThreshold": 0.9}},
        "plan": {"mobileLayers": 4, "edgeLayers": 8},
        "startLayer": 3,
        "tokens": TOKENS,
        "state": state_of(),
        "priorLogits": [[1, 2, 3], [4, 5, 6]],
        **other,
    }


def reading(request: ModelInferRequest) -> Sample:
    return Reader(MANIFEST).read(request, "somebody")


def test_a_request_becomes_a_sample() -> None:
    found = reading(request_of(sample(rowSeed=7)))
    assert (found.variant, found.next_layer, found.asker, found.classes) == ("q8", 3, "somebody", (12, 15))
    assert found.state.shape == (TOKENS, HIDDEN)
    assert found.rule == {
        "key": found.key,
        "task": "mnli",
        "policy": {"id": "confidence", "parameters": {"cloudThreshold": 0.9}},
        "plan": {"mobileLayers": 4, "edgeLayers": 8},
        "rowSeed": 7,
        "priorLogits": [[1, 2, 3], [4, 5, 6]],
    }


def test_padding_behind_the_last_token_is_left_out() -> None:
    request = request_of(sample())
    request.raw_input_contents[1] = np.array([1, 1, 1, 0, 0], "<i8").tobytes()
    assert len(reading(request).state) == 3


def test_a_whole_sample_comes_as_tokens() -> None:
    ids = {"inputIds": [101, 7592, 102], "tokenTypeIds": [0, 0, 0]}
    whole = {key: value for key, value in sample(startLayer=1, priorLogits=[], **ids).items() if key != "state"}
    found = reading(request_of(whole))
    assert (found.next_layer, found.tokens, found.state) == (0, 3, None)


def changed(change: Callable[[ModelInferRequest], None]) -> ModelInferRequest:
    request = request_of(sample())
    change(request)
    return request


def parameter(name: str, text: str) -> ModelInferRequest:
    return changed(lambda request: setattr(request.parameters[name], "string_param", text))


def contents(index: int, values: np.ndarray) -> ModelInferRequest:
    def change(request: ModelInferRequest) -> None:
        request.raw_input_contents[index] = values.tobytes()

    return changed(change)


BAD = {
    "another task": (parameter("task", "poetry"), "sst2, cola, mrpc, qqp, rte, qnli, mnli, not “poetry”"),
    "another variant": (parameter("variant", "fp4"), "q8, fp16, not “fp4”"),
    "a plan that is none": (parameter("plan", "[4, 8]"), "“plan” must be an object"),
    "half a plan": (parameter("plan", '{"mobileLayers": 4}'), "mobileLayers and edgeLayers"),
    "words for numbers": (parameter("policy_parameters", '{"threshold": "high"}'), "“threshold” must be a number"),
    "a layer that there is not": (request_of(sample(startLayer=13)), "from 1 to 12, not 13"),
    "too few prior exits": (request_of(sample(startLayer=5)), r"prior_logits must be \[4, 3\], not \[2, 3\]"),
    "another task's exits": (request_of(sample(priorLogits=[[1, 2], [3, 4]])), r"\[2, 3\], not \[2, 2\]"),
    "a hole in the mask": (contents(1, np.array([1, 0, 1, 1, 1], "<i8")), "0 only behind the last one"),
    "no token": (contents(1, np.zeros(TOKENS, "<i8")), "0 only behind the last one"),
    "what is not finite": (request_of(sample(state=state_of(np.inf))), "finite numbers only"),
    "half a state": (contents(0, np.zeros((2, HIDDEN), "<f2")), "must have 3840 bytes for FP16"),
    "two samples": (changed(lambda request: request.inputs[0].shape.__setitem__(0, 2)), "One sample comes at a time"),
    "no raw contents": (changed(lambda request: request.ClearField("raw_input_contents")), "must have an entry"),
    "a missing input": (
        changed(lambda request: setattr(request.inputs[0], "name", "state")),
        "“hidden_state” is missing",
    ),
    "another datatype": (
        changed(lambda request: setattr(request.inputs[0], "datatype", "BF16")),
        "FP16 or FP32, not BF16",
    ),
    "a seed too large": (request_of(sample(rowSeed=2**32)), "from 0 to 4294967295"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_request_is_told_what_was_expected(case: str) -> None:
    request, words = BAD[case]
    with pytest.raises(Refusal, match=words) as caught:
        reading(request)
    assert caught.value.code == grpc.StatusCode.INVALID_ARGUMENT


def test_another_model_is_named_beside_ones_own() -> None:
    request = request_of(sample())
    request.model_version = "f" * 64
    with pytest.raises(Refusal, match=f"{MANIFEST['hash']}.*{'f' * 64}") as caught:
        reading(request)
    assert caught.value.code == grpc.StatusCode.FAILED_PRECONDITION


def test_an_answer_says_each_layer_and_where_the_sample_left() -> None:
    request = request_of(sample(id="mine"))
    left = reading(request)
    left.next_layer, left.queue_ms = 5, 3.5
    left.logits = [np.array([1, 2, 3], np.float32), np.array([4, 5, 6], np.float32)]
    left.compute_ms, left.saturations = [1.5, 2.5], [0.25, 0.75]
    response = answer(request, left, "replica 1")
    assert response.id == "mine"
    assert response.parameters["exit_layer"].int64_param == 4
    assert response.parameters["replica"].string_param == "replica 1"
    assert output(response, "logits").tolist() == [[1, 2, 3], [4, 5, 6]]
    assert output(response, "compute_ms").tolist() == [1.5, 2.5]
    assert output(response, "queue_ms").tolist() == [3.5]
    assert output(response, "saturation").tolist() == [0.25, 0.75]


def test_fp32_states_are_read_too() -> None:
    request = request_of(
        {key: value for key, value in sample().items() if key != "state"} | {"inputIds": [1], "tokenTypeIds": [0]}
    )
    request.ClearField("inputs")
    request.ClearField("raw_input_contents")
    add(request, "hidden_state", "FP32", np.full((1, 2, HIDDEN), 1e5, "<f4"))
    add(request, "attention_mask", "INT64", np.ones((1, 2), "<i8"))
    add(request, "prior_logits", "FP32", np.zeros((2, 3), "<f4"))
    assert reading(request).state[0, 0] == np.float32(1e5)
