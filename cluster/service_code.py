"""The gRPC service's Python, made from the one copy of its definition."""

import sys
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVICE_FOLDER = ROOT / "edge-server" / "open-inference"
ADD_TO_SERVER = "open_inference_grpc_pb2_grpc.add_GRPCInferenceServiceServicer_to_server"


def make_service_code(folder: Path) -> None:
    """Write `open_inference_grpc_pb2*.py` into a folder, and make them importable here."""
    from grpc_tools import protoc

    folder.mkdir(parents=True, exist_ok=True)
    outputs = [f"--python_out={folder}", f"--grpc_python_out={folder}"]
    included = [f"-I{SERVICE_FOLDER}", f"-I{files('grpc_tools') / '_proto'}"]
    if protoc.main(["protoc", *included, *outputs, "open_inference_grpc.proto"]) != 0:
        raise RuntimeError(f"The service's Python could not be made from {SERVICE_FOLDER}.")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
