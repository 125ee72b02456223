"""`npm run cluster -- head | join | status | stop`."""

import argparse
import contextlib
import json
import os
import socket
import sys
import tempfile
import time
from pathlib import Path

from cluster.network import untrusted
from cluster.service_code import ADD_TO_SERVER, ROOT, make_service_code

ABOUT = """\
Serves the model's layers by the Open Inference Protocol (gRPC) from Ray Serve replicas, on one machine or many.

  npm run cluster -- head                                   the first node, with the application
  npm run cluster -- join --address HOST:6400               one more node, on another machine with this checkout
  npm start -- --cloud-url grpc://HOST:9000                 the edge then asks it for the cloud's layers
  npm run cluster -- status | stop                          this machine's node

Ports: 9000 gRPC and 8000 HTTP (health) on all interfaces; Ray's own 6400 to 6407 (--first-port) and 10002 to 19999, by
which nodes reach each other: keep those from anybody else, who could run code by them.
Memory: about 1.2 GB for a node, and 0.65 GB for each replica (both variants of the shipped model); 0.7 GB of disk.
DIMEE_CLUSTER_TOKEN, the same on all nodes, is what clients must send as a bearer token. RAY_AUTH_MODE=token with
RAY_AUTH_TOKEN is Ray's own, between nodes: without it none is started at an address that others reach, but with
--trust-network. No usage statistics are sent.
"""
START_TIMEOUT_S = 120.0
OBJECT_STORE_BYTES = 200_000_000
"""Requests are answered without it; Ray wants some."""

SERVE_SETTINGS = {
    # A proxy otherwise sends all to the replicas beside it for as long as these have room, and theirs is large.
    "RAY_SERVE_PROXY_PREFER_LOCAL_NODE_ROUTING": "0",
    # What RAY_SERVE_THROUGHPUT_OPTIMIZED means, but for replicas that listen themselves. Looked at once, beside other
    # work: a sample took a sixth less of processor time.
    "RAY_SERVE_USE_GRPC_BY_DEFAULT": "1",
    "RAY_SERVE_RUN_USER_CODE_IN_SEPARATE_THREAD": "0",
    "RAY_SERVE_RUN_ROUTER_IN_SEPARATE_LOOP": "0",
    "RAY_SERVE_REQUEST_PATH_LOG_BUFFER_SIZE": "1000",
    "RAY_SERVE_LOG_TO_STDERR": "0",
    "RAY_SERVE_FREEZE_GC_ON_STARTUP": "1",
}
"""Ray's own, as it has no other way to say them; what is set already stays."""


def main() -> int:
    """Do what the command line asks for; the exit code."""
    asked = _parser().parse_args()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    for name, value in SERVE_SETTINGS.items():
        os.environ.setdefault(name, value)
    # Unset, Ray takes a token that happens to lie in the home folder.
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    return asked.run(asked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="npm run cluster --", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="head | join | status | stop")
    node = argparse.ArgumentParser(add_help=False)
    default_folder = Path(tempfile.gettempdir()) / f"dimee-cluster-{os.getuid()}"
    node.add_argument("--folder", type=Path, default=default_folder, help="all that it writes (%(default)s)")
    started = argparse.ArgumentParser(add_help=False)
    started.add_argument("--node-address", help="this node's, for the others (head: 127.0.0.1)")
    started.add_argument("--trust-network", action="store_true", help="start without Ray's token where others reach it")
    started.add_argument("--first-port", type=int, default=6400, help="of Ray's eight (%(default)s)")
    started.add_argument("--cpus", type=int, help="that replicas may take here (all)")
    started.add_argument("--gpus", type=int, help="that replicas may take here (all)")
    started.add_argument(
        "--model", type=Path, default=ROOT / "public/models/e5-small-v2-glue", help="the model's folder (%(default)s)"
    )
    head = commands.add_parser("head", parents=[node, started], help="start the first node and the application")
    head.add_argument("--grpc-port", type=int, default=9000, help="(%(default)s)")
    head.add_argument("--http-port", type=int, default=8000, help="(%(default)s)")
    head.add_argument("--replicas", default="1:4", help="least:most, by load between them (%(default)s)")
    head.add_argument("--threads", type=int, default=1, help="processors of a replica (%(default)s)")
    head.add_argument("--gpus-per-replica", type=float, default=0, help="may be a part of one (%(default)s)")
    head.add_argument("--ongoing", type=int, default=1024, help="samples in a replica at once, at most (%(default)s)")
    head.add_argument(
        "--busy", type=int, default=32, help="samples in each replica beyond which one more starts (%(default)s)"
    )
    head.add_argument(
        "--fewer-after", type=float, default=60, help="seconds of less than that until one ends (%(default)s)"
    )
    head.add_argument("--queued", type=int, default=4096, help="samples that wait for one (%(default)s)")
    head.add_argument("--proxies", choices=["every", "head"], default="every", help="nodes that take requests")
    head.add_argument("--exit-rule", type=Path, required=True, help=argparse.SUPPRESS)
    head.add_argument("--version", required=True, help=argparse.SUPPRESS)
    head.set_defaults(run=_head)
    join = commands.add_parser("join", parents=[node, started], help="start one more node")
    join.add_argument("--address", required=True, help="the head's, HOST:6400")
    join.set_defaults(run=_join)
    commands.add_parser("status", parents=[node], help="what runs").set_defaults(run=_status)
    commands.add_parser("stop", parents=[node], help="end this machine's node").set_defaults(run=_stop)
    return parser


def _head(asked: argparse.Namespace) -> int:
    address = asked.node_address or "127.0.0.1"
    asked.node_address = address
    if _is_refused(asked, [address]):
        return 1
    head_only = ["--head", "--port", str(asked.first_port), "--include-dashboard", "false"]
    folder = _start_node(asked, [*head_only, f"--ray-client-server-port={asked.first_port + 7}"])
    if folder is None:
        return 1
    try:
        _serve(asked, folder, f"{address}:{asked.first_port}")
    except BaseException as error:
        print(f"The application did not start: {error}\n{_end_of(folder.log)}", file=sys.stderr)
        folder.stop()
        return 1
    folder.record_all()
    print(f"The engine answers at grpc://{address}:{asked.grpc_port}. All that it writes lies in {folder.path}.")
    print(f"Others join by: npm run cluster -- join --address {address}:{asked.first_port}")
    return 0


def _join(asked: argparse.Namespace) -> int:
    host = asked.address.rpartition(":")[0]
    if _is_refused(asked, [host, *filter(None, [asked.node_address])]):
        return 1
    folder = _start_node(asked, ["--address", asked.address])
    if folder is None:
        return 1
    import ray

    _connect(folder, asked.address, asked.node_address)
    print(f"This node has joined {host} with {int(ray.cluster_resources().get('CPU', 0))} processors in all.")
    folder.record_all()
    return 0


def _is_refused(asked: argparse.Namespace, addresses: list[str]) -> bool:
    refusal = None if asked.trust_network else untrusted(addresses)
    if refusal:
        print(refusal, file=sys.stderr)
    return refusal is not None


def _status(asked: argparse.Namespace) -> int:
    from cluster.processes import NodeFolder, psutil

    running = NodeFolder(asked.folder).all_running()
    for process in running:
        with contextlib.suppress(psutil.NoSuchProcess):
            print(f"{process.pid:>8}  {process.memory_info().rss / 1e6:6.0f} MB  {' '.join(process.cmdline())[:100]}")
    print(f"{len(running)} processes run, of the node in {asked.folder}.")
    return 0 if running else 1


def _stop(asked: argparse.Namespace) -> int:
    from cluster.processes import NodeFolder

    folder = NodeFolder(asked.folder)
    print(f"{folder.stop()} processes ended.")
    folder.remove()
    return 0


def _start_node(asked: argparse.Namespace, which: list[str]) -> "NodeFolder | None":  # noqa: F821
    from cluster.processes import NodeFolder

    folder = NodeFolder(asked.folder)
    if folder.running():
        print(f"A node runs already in {folder.path}. End it first: npm run cluster -- stop", file=sys.stderr)
        return None
    folder.remove()
    make_service_code(folder.service_code)
    from cluster.application import MODEL_VARIABLE

    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(ROOT), str(folder.service_code), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    os.environ[MODEL_VARIABLE] = str(asked.model.resolve())
    folder.start(["start", *which, *_node_options(asked, folder)], {})
    return folder


def _node_options(asked: argparse.Namespace, folder: "NodeFolder") -> list[str]:  # noqa: F821
    names = ["node-manager", "object-manager", "metrics-export", "dashboard-agent-grpc", "dashboard-agent-listen"]
    ports = {name: asked.first_port + 1 + index for index, name in enumerate([*names, "runtime-env-agent"])}
    chosen = {
        "temp-dir": folder.ray,
        "node-ip-address": asked.node_address,
        "num-cpus": asked.cpus,
        "num-gpus": asked.gpus,
        "object-store-memory": OBJECT_STORE_BYTES,
        **{f"{name}-port": port for name, port in ports.items()},
    }
    options = [f"--{name}={value}" for name, value in chosen.items() if value is not None]
    return ["--block", "--disable-usage-stats", *options]


def _serve(asked: argparse.Namespace, folder: "NodeFolder", address: str) -> None:  # noqa: F821
    from ray import serve

    from cluster.application import EngineOptions, Scale, application

    manifest = json.loads((asked.model / "manifest.json").read_text("utf-8"))
    least, _, most = asked.replicas.partition(":")
    options = EngineOptions(asked.exit_rule.read_text("utf-8"), manifest["hash"], asked.version, asked.threads)
    scale = Scale(
        int(least),
        int(most or least),
        ongoing=asked.ongoing,
        queued=asked.queued,
        busy=asked.busy,
        fewer_after_s=asked.fewer_after,
        gpus=asked.gpus_per_replica,
    )
    _connect(folder, address, asked.node_address)
    serve.start(
        proxy_location="EveryNode" if asked.proxies == "every" else "HeadOnly",
        # Not the loopback's: another node's replicas would silently get nothing.
        http_options={"host": "0.0.0.0", "port": asked.http_port},
        grpc_options={"port": asked.grpc_port, "grpc_servicer_functions": [ADD_TO_SERVER], "request_timeout_s": 60},
    )
    serve.run(application(options, scale), name="dimee", route_prefix="/")


def _connect(folder: "NodeFolder", address: str, node_address: str | None) -> None:  # noqa: F821
    import ray

    _wait_for_head(folder, address)
    ray.init(address=address, _node_ip_address=node_address or "", log_to_driver=False, logging_level="ERROR")


def _wait_for_head(folder: "NodeFolder", address: str) -> None:  # noqa: F821
    """Ray itself waits for minutes, even for a node that has ended."""
    host, _, port = address.rpartition(":")
    ends = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return
        except OSError as error:
            if not folder.running() or time.monotonic() > ends:
                raise RuntimeError(f"Nothing answers at {address}.") from error
        time.sleep(0.2)


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-15:])


if __name__ == "__main__":
    sys.exit(main())
