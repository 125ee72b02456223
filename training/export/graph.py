"""A small builder over onnx.helper for graphs whose weights are stored compressed."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Every operator used here is in opset 17, which ONNX Runtime has had since 1.13; IR version 8 belongs to it.
OPSET = 17
IR_VERSION = 8


class GraphBuilder:
    """Collects nodes and initialisers; values are named by strings, as in ONNX."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._initialisers: dict[str, onnx.TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, data_type: int, shape: list[str | int]) -> str:
        """Declare a graph input and return its name."""
        self._inputs.append(helper.make_tensor_value_info(name, data_type, shape))
        return name

    def output(self, name: str, data_type: int, shape: list[str | int]) -> None:
        """Declare the value `name` as a graph output."""
        self._outputs.append(helper.make_tensor_value_info(name, data_type, shape))

    def node(self, operator: str, inputs: list[str], output: str, **attributes: object) -> str:
        """Add a node with one output and return that output's name."""
        return self.nodes(operator, inputs, [output], **attributes)[0]

    def nodes(self, operator: str, inputs: list[str], outputs: list[str], **attributes: object) -> list[str]:
        """Add a node with several outputs and return their names."""
        self._nodes.append(helper.make_node(operator, inputs, outputs, name=outputs[0], **attributes))
        return outputs

    def constant(self, name: str, array: np.ndarray) -> str:
        """Store an array as it is and return its name; a repeated name must be the same array."""
        tensor = numpy_helper.from_array(np.asarray(array, order="C"), name)
        if self._initialisers.setdefault(name, tensor) != tensor:
            raise ValueError(f"expected one value for the constant {name!r}, got two")
        return name

    def half_constant(self, name: str, array: np.ndarray) -> str:
        """Store an array as float16 and return the name of its float32 value.

        ONNX Runtime folds the Cast when it loads the model, before it assigns nodes to WebGPU or WASM.
        """
        stored = self.constant(f"{name}.half", to_half(array))
        return self.node("Cast", [stored], name, to=TensorProto.FLOAT)

    def build(self) -> onnx.ModelProto:
        """Return the checked model."""
        graph = helper.make_graph(
            self._nodes, self._name, self._inputs, self._outputs, list(self._initialisers.values())
        )
        model = helper.make_model(
            graph,
            producer_name="dimee-playground",
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
        )
        onnx.checker.check_model(model, full_check=True)
        return model


def to_half(array: np.ndarray) -> np.ndarray:
    """Round to float16. Raises ValueError where a value would overflow to infinity."""
    half = array.astype(np.float16)
    if not np.isfinite(half).all():
        raise ValueError(f"expected finite values within float16's ±65504, got up to {np.abs(array).max()}")
    return half
