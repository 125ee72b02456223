"""The shipped report's numbers counted anew from its traces, with numpy alone and none of our code.

What is taken on trust is what was chosen: temperatures, plans and thresholds. `compare` is asked for its numbers and
the parameters that it chose, and those are counted too.
"""

import json
import struct
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "public" / "models" / "e5-small-v2-glue"
MANIFEST, REPORT = (json.loads((MODEL / name).read_text("utf-8")) for name in ("manifest.json", "report.json"))
HEADLINE, LAYERS = REPORT["headline"], 12
TASKS = list(MANIFEST["tasks"])
ALL_CLOUD = 5 + LAYERS


def trace(path: str) -> tuple[np.ndarray, np.ndarray]:
    """Logits [rows, layers, classes] and gold labels [rows]."""
    content = (MODEL / path).read_bytes()
    length = struct.unpack_from("<I", content, 8)[0]
    header = json.loads(content[12 : 12 + length])
    found = {}
    for column in header["columns"]:
        kind = {"float16": "<f2", "uint8": "u1", "uint16": "<u2"}[column["dtype"]]
        values = np.frombuffer(content, kind, int(np.prod(column["shape"])), 12 + length + column["offset"])
        found[column["name"]] = values.reshape(column["shape"])
    return found["logits"].astype(float), found["gold"].astype(int)


def probabilities(task: str, logits: np.ndarray) -> np.ndarray:
    """Softmax at the task's temperatures, [rows, layers, classes]."""
    scaled = logits / np.array(MANIFEST["tasks"][task]["temperatures"])[:, None]
    powers = np.exp(scaled - scaled.max(axis=2, keepdims=True))
    return powers / powers.sum(axis=2, keepdims=True)


def first_reached(reached: np.ndarray) -> np.ndarray:
    """1-based layer of the first true column, the last layer where none is; `reached` [rows, some layers]."""
    return np.where(reached.any(axis=1), reached.argmax(axis=1) + 1, LAYERS)


def costs(exits: np.ndarray, mobile: int, edge: int) -> np.ndarray:
    """A layer costs 1, mobile to edge 2, edge to cloud 3."""
    return exits + 2 * (exits > mobile) + 3 * (exits > edge)


class Task:
    """A task's dev rows, and what the report's points do to them."""

    def __init__(self, key: str, path: str, cloud: str | None = None) -> None:
        logits, self.gold = trace(path)
        self.key, self.p = key, probabilities(key, logits)
        self.right = logits.argmax(axis=2) == self.gold[:, None]
        self.last = self.right[:, -1] if cloud is None else trace(cloud)[0][:, -1].argmax(axis=1) == self.gold
        point = REPORT["frontier"]["tasks"][key]
        self.mobile, self.edge = point["plan"]["mobileLayers"], point["plan"]["edgeLayers"]
        thresholds = np.array(point["thresholds"])
        reached = (self.p.max(axis=2)[:, : len(thresholds)] >= thresholds) & (thresholds < 1)
        self.exits = first_reached(reached)
        self.correct = self.right[np.arange(len(self.gold)), self.exits - 1]
        self.cost = costs(self.exits, self.mobile, self.edge)

    @property
    def lost(self) -> np.ndarray:
        """Points of accuracy to the last exit, by row."""
        return 100 * (self.last.astype(float) - self.correct)

    def static(self, cost: float) -> np.ndarray:
        """How often each row is right at the layers around a mean cost, one unit a layer."""
        below = int(np.floor(cost))
        return (below + 1 - cost) * self.right[:, below - 1] + (cost - below) * self.right[:, below]

    @property
    def gained(self) -> np.ndarray:
        """Points of accuracy over a static cut of the same mean cost, by row."""
        return 100 * (self.correct - self.static(self.cost.mean()))


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return [Task(key, MANIFEST["tasks"][key]["traces"]["dev"]["path"]) for key in TASKS]


def mean(values: list[Any]) -> float:
    return float(np.mean([np.mean(each) for each in values]))


def cut(tasks: list[Task]) -> float:
    return 100 * (1 - mean([task.cost for task in tasks]) / ALL_CLOUD)


def bootstrap(rows: list[np.ndarray]) -> tuple[float, float]:
    """Rows drawn one by one, by another generator than the report's."""
    random = np.random.RandomState(7)
    means = [mean([each[random.randint(0, len(each), len(each))] for each in rows]) for _ in range(800)]
    return tuple(np.percentile(means, [2.5, 97.5]))


def test_the_headline(tasks: list[Task]) -> None:
    assert cut(tasks) == pytest.approx(HEADLINE["meanCostCutPercent"], abs=0.0051)
    assert mean([task.lost for task in tasks]) == pytest.approx(HEADLINE["meanAccuracyLossPoints"], abs=0.0051)
    large = [task for task in tasks if len(task.gold) > 800]
    assert [task.key for task in large] == HEADLINE["largeTasks"]["tasks"]
    assert cut(large) == pytest.approx(HEADLINE["largeTasks"]["meanCostCutPercent"], abs=0.0051)
    loss_of_large = mean([task.lost for task in large])
    assert loss_of_large == pytest.approx(HEADLINE["largeTasks"]["meanAccuracyLossPoints"], abs=0.0051)
    assert mean([task.gained for task in tasks]) == pytest.approx(HEADLINE["gainOverStaticPoints"], abs=0.0051)


def test_intervals_of_the_headline(tasks: list[Task]) -> None:
    assert bootstrap([task.lost for task in tasks]) == pytest.approx(HEADLINE["lossInterval95"], abs=0.06)
    assert bootstrap([task.gained for task in tasks]) == pytest.approx(HEADLINE["gainOverStaticInterval95"], abs=0.08)


def test_the_break_even(tasks: list[Task]) -> None:
    """At that price of a device's layer the mean cost is all cloud's."""
    on_mobile = mean([np.minimum(task.exits, task.mobile) for task in tasks])
    dearer = mean([task.cost for task in tasks]) + (HEADLINE["breakEvenDevicePrice"] - 1) * on_mobile
    assert dearer == pytest.approx(ALL_CLOUD, abs=0.005 * on_mobile)


def test_what_is_shipped() -> None:
    kept = json.loads((MODEL / "shipped.json").read_text("utf-8"))
    tasks = [Task(key, kept[key]["trace"]["path"], kept[key]["cloudTrace"]["path"]) for key in TASKS]
    assert all(kept[task.key]["plan"] == REPORT["frontier"]["tasks"][task.key]["plan"] for task in tasks)
    assert cut(tasks) == pytest.approx(HEADLINE["shipped"]["meanCostCutPercent"], abs=0.0051)
    assert mean([task.lost for task in tasks]) == pytest.approx(
        HEADLINE["shipped"]["meanAccuracyLossPoints"], abs=0.0051
    )


def test_what_is_expected() -> None:
    divisions = json.loads((MODEL / "resplit.json").read_text("utf-8"))["divisions"]
    told = HEADLINE["expected"]
    assert told["divisions"] == len(divisions["costCutPercent"])
    assert told["meanCostCutPercent"] == pytest.approx(np.mean(divisions["costCutPercent"]), abs=0.0051)
    assert told["sdCostCutPercent"] == pytest.approx(np.std(divisions["costCutPercent"], ddof=1), abs=0.0051)
    assert told["meanAccuracyLossPoints"] == pytest.approx(np.mean(divisions["accuracyLossPoints"]), abs=0.0051)


def test_baselines(tasks: list[Task]) -> None:
    found: dict[str, list[tuple[float, float]]] = {}
    for task in tasks:
        accuracy = task.right.mean(axis=0)
        by_layer = costs(np.arange(1, LAYERS + 1), task.mobile, task.edge)
        ends = [task.mobile, task.edge, LAYERS]
        tiers = np.array([(task.exits <= ends[0]).mean(), 0, (task.exits > ends[1]).mean()])
        tiers[1] = 1 - tiers.sum()
        depths = np.array([(task.exits == layer).mean() for layer in range(1, LAYERS + 1)])
        earliest = np.where(task.right.any(axis=1), task.right.argmax(axis=1) + 1, LAYERS)
        at_ends = [end - 1 for end in ends]
        for name, right, cost in (
            ("allMobile", accuracy[task.mobile - 1], task.mobile),
            ("staticLayer", task.static(task.cost.mean()).mean(), task.cost.mean()),
            ("randomTiers", tiers @ accuracy[at_ends], tiers @ by_layer[at_ends]),
            ("randomExit", depths @ accuracy, depths @ by_layer),
            ("oracle", task.right.any(axis=1).mean(), costs(earliest, task.mobile, task.edge).mean()),
        ):
            found.setdefault(name, []).append((100 * (task.last.mean() - right), 100 * (1 - cost / ALL_CLOUD)))
    for name, values in found.items():
        told = REPORT["frontier"]["meanBeside"][name]
        loss, saved = np.mean(values, axis=0)
        assert (loss, saved) == (
            pytest.approx(told["accuracyLossPoints"], abs=0.011),
            pytest.approx(told["costCutPercent"], abs=0.011),
        ), name


def test_static_cuts(tasks: list[Task]) -> None:
    for layer, told in enumerate(REPORT["staticCut"]["byLayer"], start=1):
        lost = mean([task.last.astype(float) - task.right[:, layer - 1] for task in tasks])
        assert 100 * lost == pytest.approx(told["meanAccuracyLossPoints"], abs=0.0051)
        assert 100 * (1 - layer / ALL_CLOUD) == pytest.approx(told["meanCostCutPercent"], abs=0.0051)


def compared(policy: str, task: str) -> dict[str, Any]:
    """What `npm run compare` says of a policy on a task, and the parameters that it chose."""
    flags = ["--policy", policy, "--task", task, "--format", "json"]
    command = ["node", "--import", "tsx", "cli/compare.ts", *flags]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=120).stdout
    return json.loads(printed)["tasks"][0]


def scores(policy: str, task: Task) -> np.ndarray:
    """What a policy holds against its thresholds, the higher the sooner a row leaves; [rows, layers]."""
    if policy == "entropy":
        return (task.p * np.log(np.maximum(task.p, 1e-300))).sum(axis=2)
    confidence = task.p.max(axis=2)
    if policy == "confidence":
        return confidence
    fitted = json.loads((MODEL / MANIFEST["tasks"][task.key]["policyData"]["path"]).read_text("utf-8"))
    clipped = np.clip(confidence, 1e-4, 1 - 1e-4)
    odds = np.log(clipped / (1 - clipped))

    def chance(name: str) -> np.ndarray:
        lines = [(each[name]["weight"], each[name]["bias"]) for each in fitted["expectedLosses"]]
        weights, biases = np.array([*lines, (0, 0)]).T
        return 1 / (1 + np.exp(-(odds * weights + biases)))

    return -100 * chance("changes") * (2 * chance("lastIsRight") - 1)


@pytest.mark.parametrize(
    ("policy", "key", "sign"), [("confidence", "rte", 1), ("entropy", "mrpc", -1), ("expected-loss", "rte", -1)]
)
def test_a_policy_as_compare_prints_it(policy: str, key: str, sign: int, tasks: list[Task]) -> None:
    (task,) = (each for each in tasks if each.key == key)
    told = compared(policy, key)
    parameters, result = told["parameters"], told["result"]
    mobile, edge = 4, 8
    by_tier = [parameters[f"{tier}Threshold"] for tier in ("mobile", "edge", "cloud")]
    limits = np.repeat(by_tier, [mobile, edge - mobile, LAYERS - edge])
    # A limit of 0, of what may be as large, lets nothing leave.
    exits = first_reached((scores(policy, task) >= sign * limits) & (limits != 0))
    right = task.right[np.arange(len(exits)), exits - 1]
    assert 100 * (task.last.mean() - right.mean()) == pytest.approx(result["lossPoints"], abs=1e-9)
    assert 100 * (1 - costs(exits, mobile, edge).mean() / ALL_CLOUD) == pytest.approx(
        result["costCutPercent"], abs=1e-9
    )
    shares = [(exits <= mobile).mean(), ((exits > mobile) & (exits <= edge)).mean(), (exits > edge).mean()]
    assert shares == pytest.approx(list(result["shares"].values()))
