"""Reads a `ModelInfer` request into a sample, and writes what came of it."""

import json
from itertools import count
from typing import Any

import grpc
import numpy as np
from open_inference_grpc_pb2 import ModelInferRequest, ModelInferResponse

from cluster.climb import Sample
from cluster.refusal import Refusal, invalid

STATE_DTYPES = {"FP16": np.dtype("<f2"), "FP32": np.dtype("<f4")}
INT64, FP32 = np.dtype("<i8"), np.dtype("<f4")
MAX_ROW_SEED = 2**32 - 1

_keys = count()


class Reader:
    """Reads requests for one model: a problem is an `INVALID_ARGUMENT`, another model a `FAILED_PRECONDITION`."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self._manifest = manifest

    def check_model(self, name: str, version: str) -> None:
        """Raise `FAILED_PRECONDITION` for another model. An empty version leaves the choice to the engine."""
        own = (self._manifest["id"], self._manifest["hash"])
        if name != own[0] or version not in ("", own[1]):
            raise Refusal(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"This engine serves the model “{own[0]}” ({own[1]}), not “{name}” ({version}). "
                "Start both ends with the same model folder.",
            )

    def read(self, request: ModelInferRequest, asker: str) -> Sample:
        """The sample that is asked for, checked in all that does not need the exit rule."""
        self.check_model(request.model_name, request.model_version)
        given = {name: _value(parameter) for name, parameter in request.parameters.items()}
        task_id = self._one_of(given, "task", self._manifest["tasks"])
        classes = tuple(self._manifest["tasks"][task_id]["logits"])
        start_layer = _whole(given, "start_layer", 1, self._manifest["layers"])
        tensors = _tensors(request)
        priors = self._priors(tensors, start_layer, classes[1] - classes[0])
        key = str(next(_keys))
        rule = {
            "key": key,
            "task": task_id,
            "policy": {"id": _text(given, "policy"), "parameters": _numbers(given, "policy_parameters")},
            "plan": _plan(given),
            "priorLogits": priors,
        }
        if "row_seed" in given:
            rule["rowSeed"] = _whole(given, "row_seed", 0, MAX_ROW_SEED)
        variant = self._one_of(given, "variant", self._manifest["variants"])
        whole = start_layer == 1 and "input_ids" in tensors
        sample = Sample(key, variant, 0 if whole else start_layer, asker, rule, classes)
        if whole:
            sample.ids = self._ids(tensors)
        else:
            sample.state = self._state(tensors)
        return sample

    def _one_of(self, given: dict[str, Any], name: str, known: dict[str, Any]) -> str:
        found = _text(given, name)
        if found not in known:
            raise invalid(f"The parameter “{name}” must be one of {', '.join(known)}, not “{found}”.")
        return found

    def _priors(self, tensors: "Tensors", start_layer: int, classes: int) -> list[list[float]]:
        if start_layer == 1:
            return []
        values = _tensor(tensors, "prior_logits", {"FP32": FP32}, [start_layer - 1, classes])
        return _finite("prior_logits", values).tolist()

    def _state(self, tensors: "Tensors") -> np.ndarray:
        hidden, longest = self._manifest["hidden"], self._manifest["maxTokens"]
        shape = list(_shape(tensors, "hidden_state"))
        if len(shape) != 3 or shape[0] != 1 or not 1 <= shape[1] <= longest or shape[2] != hidden:
            raise invalid(
                f"hidden_state must be [1, 1 to {longest}, {hidden}], not {shape}. One sample comes at a time."
            )
        state = _tensor(tensors, "hidden_state", STATE_DTYPES, shape)[0].astype(np.float32)
        mask = _tensor(tensors, "attention_mask", {"INT64": INT64}, [1, shape[1]])[0]
        tokens = int(mask.sum())
        if tokens < 1 or not np.array_equal(mask, np.arange(len(mask)) < tokens):
            raise invalid("attention_mask must be 1 for each token, and 0 only behind the last one.")
        return _finite("hidden_state", state[:tokens])

    def _ids(self, tensors: "Tensors") -> tuple[np.ndarray, np.ndarray]:
        longest = self._manifest["maxTokens"]
        shape = list(_shape(tensors, "input_ids"))
        if len(shape) != 2 or shape[0] != 1 or not 1 <= shape[1] <= longest:
            raise invalid(f"input_ids must be [1, 1 to {longest}], not {shape}. One sample comes at a time.")
        ids = _tensor(tensors, "input_ids", {"INT64": INT64}, shape)[0]
        types = _tensor(tensors, "token_type_ids", {"INT64": INT64}, shape)[0]
        if ids.min() < 0 or ids.max() >= 2**31 or not np.isin(types, (0, 1)).all():
            raise invalid("input_ids must be the numbers of tokens, and token_type_ids 0 or 1.")
        return ids.astype(np.int32), types.astype(np.int32)


Tensors = dict[str, tuple[str, list[int], bytes]]
"""Inputs by their names: datatype, shape, bytes."""


def answer(request: ModelInferRequest, sample: Sample, replica: str) -> ModelInferResponse:
    """What came of a sample that has left."""
    exit_layer = sample.next_layer - 1
    response = ModelInferResponse(model_name=request.model_name, model_version=request.model_version, id=request.id)
    response.parameters["exit_layer"].int64_param = exit_layer
    response.parameters["replica"].string_param = replica
    outputs = {"logits": np.stack(sample.logits), "compute_ms": sample.compute_ms, "queue_ms": [sample.queue_ms]}
    if sample.saturations:
        outputs["saturation"] = sample.saturations
    for name, values in outputs.items():
        data = np.asarray(values, FP32)
        response.outputs.add(name=name, datatype="FP32", shape=data.shape)
        response.raw_output_contents.append(data.tobytes())
    return response


def _value(parameter: Any) -> Any:
    chosen = parameter.WhichOneof("parameter_choice")
    return getattr(parameter, chosen) if chosen else None


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if isinstance(value, str):
        return value
    raise invalid(f"The parameter “{name}” must be given as a string.")


def _whole(given: dict[str, Any], name: str, least: int, most: int) -> int:
    value = given.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    raise invalid(f"The parameter “{name}” must be a whole number from {least} to {most}, not {value!r}.")


def _object(given: dict[str, Any], name: str) -> dict[str, Any]:
    text = _text(given, name)
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(value, dict):
        return value
    raise invalid(f"The parameter “{name}” must be an object in JSON, not {text[:100]!r}.")


def _numbers(given: dict[str, Any], name: str) -> dict[str, float]:
    values = _object(given, name) if name in given else {}
    for key, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise invalid(f"In “{name}” the value of “{key}” must be a number, not {value!r}.")
    return values


def _plan(given: dict[str, Any]) -> dict[str, int]:
    values = _object(given, "plan")
    names = ("mobileLayers", "edgeLayers")
    if set(values) == set(names) and all(type(values[name]) is int for name in names):
        return values
    raise invalid(f"The parameter “plan” must be an object with the whole numbers {' and '.join(names)}.")


def _tensors(request: ModelInferRequest) -> Tensors:
    contents = request.raw_input_contents
    if len(contents) != len(request.inputs):
        raise invalid(
            f"raw_input_contents must have an entry for each of the {len(request.inputs)} inputs, not {len(contents)}. "
            "Other contents are not read."
        )
    tensors = zip(request.inputs, contents, strict=True)
    return {tensor.name: (tensor.datatype, list(tensor.shape), data) for tensor, data in tensors}


def _shape(tensors: Tensors, name: str) -> list[int]:
    if name in tensors:
        return tensors[name][1]
    raise invalid(f"The input “{name}” is missing.")


def _tensor(tensors: Tensors, name: str, dtypes: dict[str, np.dtype], shape: list[int]) -> np.ndarray:
    given = _shape(tensors, name)
    datatype, _, data = tensors[name]
    if datatype not in dtypes:
        raise invalid(f"{name} must be {' or '.join(dtypes)}, not {datatype}.")
    if given != shape:
        raise invalid(f"{name} must be {shape}, not {given}.")
    expected = int(np.prod(shape)) * dtypes[datatype].itemsize
    if len(data) != expected:
        raise invalid(f"{name} must have {expected} bytes for {datatype} {shape}, not {len(data)}.")
    return np.frombuffer(data, dtypes[datatype]).reshape(shape)


def _finite(name: str, values: np.ndarray) -> np.ndarray:
    if np.isfinite(values).all():
        return values
    raise invalid(f"{name} must hold finite numbers only. Send it as FP32 where FP16 overflows.")
