"""The model card: README.md beside the weights, written from the manifest and the report, so that no figure drifts."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from training.calibration.plans import default_plan, fixed_plan, own_plans
from training.data.files import write_whole
from training.data.glue import LIMITS, are_glue
from training.data.tasks import Task
from training.export.manifest import Manifest, tasks_of
from training.report.headline_words import headline_lines

CARD_FILE = "README.md"
_ORIGIN_NAMES = {"status": "Weights", "initialisation": "Started from", "data": "Data", "split": "Split"}
_RECIPE_NAMES = {"teachers": "Teachers", "initConfig": "First round", "config": "Recipe", "ramps": "Exit ramps"}
_METRIC_NAMES = {"matthewsCorrelation": "Matthews correlation", "f1": "F1"}
_CALIBRATION = {
    "eceBefore": "Expected calibration error (15 bins) before temperatures.",
    "ece": "After temperatures.",
    "eceOfPerfect": "What a perfectly calibrated model would show on as many rows as sure: the error's null value.",
    "eceDebiased": "After temperatures, less what few rows add (Kumar et al., arXiv 1909.10155).",
    "confidenceGap": "Mean confidence less accuracy: above 0 an exit is over-confident, below 0 under-confident.",
}
_BESIDE_NAMES = {
    "allMobile": "all mobile (leave at layer m)",
    "staticLayer": "static cut at equal cost, all layers on the device",
    "fixedExit": "fixed exit at equal mean depth, the cascade's plan",
    "randomTiers": "random tier, same shares of tiers",
    "randomExit": "random exit, same shares of layers",
    "oracle": "oracle (earliest right exit; needs the answers)",
    "dimeePools": "DIMEE pools (our reconstruction), plan {plan}",
    "dimeePoolsAtRandom": "as many rows to each tier as these pools send, at random",
    "dimecDcPools": "DIMEC-DC pools (our reconstruction), plan {plan}",
    "dimecDcPoolsAtRandom": "as many rows to each tier as these send, at random",
}


def write_model_card(model: Path, manifest: Manifest, provenance: dict[str, Any], report: dict[str, Any]) -> None:
    """Write README.md into the model folder."""
    write_whole(model / CARD_FILE, "\n".join(_card(manifest, provenance, report)) + "\n")


def _card(manifest: Manifest, provenance: dict[str, Any], report: dict[str, Any]) -> Iterable[str]:
    tasks, layers = tasks_of(manifest), manifest["layers"]
    encoder = provenance.get("encoder", {})
    yield f"# {manifest['id']}"
    yield ""
    yield (
        f"An early-exit text encoder: {manifest['layers']} layers of {manifest['hidden']} numbers a token, an exit "
        f"ramp after each, a classifier for each of {len(tasks)} tasks in every ramp. Written by "
        f"`{report['command']}`; every figure below is measured on {report['split']}. Variant {report['variant']}."
    )
    yield from ["", "## Where it comes from", ""]
    yield f"- Encoder: {encoder.get('name', 'unknown')}, licence {encoder.get('licence', 'unknown')}."
    for field, name in _ORIGIN_NAMES.items():
        if field in provenance:
            yield f"- {name}: {provenance[field]}"
    yield f"- Calibration: {provenance['calibration']}."
    for field, name in _RECIPE_NAMES.items():
        if field in provenance:
            yield f"- {name}: `{field}` in `provenance.json` has all settings."
    if interpolation := provenance.get("interpolation"):
        share = interpolation["trainedShare"]
        yield (
            f"- Body: {share:g} of the trained weights and {1 - share:g} of the encoder's, which generalises better "
            "(`training.interpolate`, arXiv 2109.01903); the share was chosen on the calibration split."
        )
    yield from ["", "## In short", ""]
    yield from headline_lines(report, tasks)
    yield from ["", "## Frontier", ""]
    frontier, foretold = report["frontier"], report["frontier"]["crossFittedOnCalibration"]
    yield (
        f"Cascade by confidence at the default costs (a layer costs 1 on every tier, crossings 2, 3 and 5), "
        f"{_own_plans(layers)} chosen per task, every exit with a threshold of its own, at one price of a lost point "
        f"for all tasks (`training/calibration/thresholds.py`): the cheapest choice foretold to lose at most "
        f"{frontier['allowedLossPoints']['mean']:g} points on the mean and "
        f"{frontier['allowedLossPoints']['onATask']:g} on a task. "
        f"Cross-fitted on the calibration split, {foretold['meanCostCutPercent']} % at "
        f"{foretold['meanAccuracyLossPoints']} points were foretold. Mean over tasks: cost cut "
        f"**{frontier['meanCostCutPercent']} %** at **{frontier['meanAccuracyLossPoints']}** points lost to the last "
        f"exit, layers saved {frontier['meanLayersSavedPercent']} %."
    )
    claim = report["claim"]
    yield ""
    yield (
        f"DIMEE's abstract (arXiv 2410.05338) claims over {claim['costCutPercent']} % at under "
        f"{claim['accuracyLossPoints']} %. Not comparable, because of {claim['notComparable']}."
    )
    yield ""
    yield from _frontier_table(report["frontier"], tasks)
    yield ""
    yield (
        "On the dev splits that the page replays, the policy *Expected loss* gives the same, up to the rounding of "
        f"thresholds, with a task's m and n and these points for mobile / edge: "
        f"{_expected_losses(report['frontier'], tasks)}."
    )
    yield from ["", "### More and less careful", ""]
    yield "The cheapest choices foretold to lose at most so many points on the mean / on a task."
    yield ""
    yield from _path_table(report["path"])
    for field, plan in (("fixedPlan", fixed_plan(layers)), ("defaultPlan", default_plan(layers))):
        found = report[field]
        yield from ["", f"### All tasks at m = {plan.mobile_layers}, n = {plan.edge_layers}", ""]
        yield (
            f"Mean cost cut {found['meanCostCutPercent']} % at {found['meanAccuracyLossPoints']} points lost, layers "
            f"saved {found['meanLayersSavedPercent']} %."
        )
        yield ""
        yield from _frontier_table(found, tasks)
    yield from _held_out(report.get("heldOut"), tasks)
    yield from ["", "### Other ways to choose the exit, means over tasks", ""]
    yield from _beside_table(report["frontier"], layers)
    yield from ["", "## Exits", "", "Accuracy in percent by layer; 95 % bootstrap interval of the last.", ""]
    yield from _exit_table(report["tasks"], tasks, "accuracyPercent", interval=True)
    for field, name in _METRIC_NAMES.items():
        measured = {key: entry for key, entry in report["tasks"].items() if field in entry}
        if measured:
            yield from ["", f"{name} by layer.", ""]
            yield from _exit_table(measured, tasks, field)
    yield from ["", "## Calibration", ""]
    for field, sentence in _CALIBRATION.items():
        yield from [sentence, ""]
        yield from _exit_table(report["tasks"], tasks, field)
        yield ""
    yield from ["How well confidence tells right from wrong (AUROC).", ""]
    yield from _exit_table(report["tasks"], tasks, "auroc")
    yield from _quantisation(report.get("quantisation"), tasks)
    yield from _payloads(report.get("payloads"), tasks)
    yield from _crossing(report.get("crossing"), tasks)
    yield from ["", "## Limits", ""]
    if are_glue(tasks):
        yield from (f"- {limit}" for limit in LIMITS)
    yield from (f"- {caveat}." for caveat in provenance.get("caveats", []))


def _frontier_table(found: dict[str, Any], tasks: Sequence[Task]) -> Iterable[str]:
    yield (
        "| task | m / n | τ mobile / edge | cost cut % | layers saved % | accuracy % | last exit % "
        "| points lost [95 %] | GLUE's measure, last exit | mobile / edge / cloud % |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for task in tasks:
        entry = found["tasks"][task.key]
        plan, thresholds, shares = entry["plan"], entry["thresholds"], entry["tierShares"]
        low, high = entry["accuracyLossInterval95"]
        yield (
            f"| {task.name} | {plan['mobileLayers']} / {plan['edgeLayers']} "
            f"| {_thresholds(thresholds[: plan['mobileLayers']])} / {_thresholds(thresholds[plan['mobileLayers'] :])} "
            f"| {entry['costCutPercent']:.1f} "
            f"| {entry['layersSavedPercent']:.1f} | {entry['accuracyPercent']:.2f} "
            f"| {entry['lastExitAccuracyPercent']:.2f} "
            f"| {entry['accuracyLossPoints']:.2f} [{low:.2f}, {high:.2f}] | {_own_measure(entry)} "
            f"| {' / '.join(f'{share * 100:.0f}' for share in shares.values())} |"
        )


def _own_measure(entry: dict[str, Any]) -> str:
    """Matthews correlation or F1 where rows leave, and at the last exit; a dash where accuracy is the measure."""
    for field, name in (("matthewsCorrelation", "MCC"), ("f1", "F1")):
        if f"{field}Percent" in entry:
            last = entry[f"lastExit{field[0].upper()}{field[1:]}Percent"]
            return f"{name} {entry[f'{field}Percent']:.1f}, {last:.1f}"
    return "–"


def _expected_losses(found: dict[str, Any], tasks: Sequence[Task]) -> str:
    limits = {task.name: found["tasks"][task.key]["expectedLossPoints"] for task in tasks}
    return ", ".join(f"{name} {of['mobile']:g} / {of['edge']:g}" for name, of in limits.items())


def _own_plans(layers: int) -> str:
    plans = own_plans(layers)
    return f"m ≤ {max(plan.mobile_layers for plan in plans)} and n ≤ {max(plan.edge_layers for plan in plans)}"


def _thresholds(exits: list[float]) -> str:
    """One number for exits with the same threshold, else one each; a dash where nothing leaves."""
    shown = ["–" if value == 1 else f"{value:.3f}".lstrip("0") for value in exits]
    return shown[0] if len(set(shown)) == 1 else " ".join(shown)


def _path_table(path: list[dict[str, Any]]) -> Iterable[str]:
    numbers = "points lost | on the worst task |"
    yield f"| allowed | foretold cost cut % | {numbers} on dev: cost cut % | {numbers}"
    yield "|---|---|---|---|---|---|---|"
    fields = ("meanCostCutPercent", "meanAccuracyLossPoints", "largestAccuracyLossPoints")
    for entry in path:
        numbers = [found[field] for found in (entry["crossFittedOnCalibration"], entry) for field in fields]
        cells = " | ".join(
            f"{number:.1f}" if place % 3 == 0 else f"{number:.2f}" for place, number in enumerate(numbers)
        )
        yield f"| {entry['allowedLossPoints']['mean']:g} / {entry['allowedLossPoints']['onATask']:g} | {cells} |"


def _beside_table(found: dict[str, Any], layers: int) -> Iterable[str]:
    plan = "{0.mobile_layers}/{0.edge_layers}".format(default_plan(layers))
    yield "| | cost cut % | layers saved % | points lost |"
    yield "|---|---|---|---|"
    rows = {
        "**cascade by confidence**": {
            "costCutPercent": found["meanCostCutPercent"],
            "layersSavedPercent": found["meanLayersSavedPercent"],
            "accuracyLossPoints": found["meanAccuracyLossPoints"],
        }
    } | {
        _BESIDE_NAMES[name].format(plan=plan): found["meanBeside"][name]
        for name in _BESIDE_NAMES
        if name in found["meanBeside"]
    }
    for name, entry in rows.items():
        yield (
            f"| {name} | {entry['costCutPercent']:.1f} | {entry['layersSavedPercent']:.1f} "
            f"| {entry['accuracyLossPoints']:.2f} |"
        )


def _exit_table(
    entries: dict[str, Any], tasks: Sequence[Task], field: str, interval: bool = False, heading: str = "task"
) -> Iterable[str]:
    layers = len(next(iter(entries.values()))[field])
    extra = " interval |" if interval else ""
    yield f"| {heading} | " + " | ".join(str(layer) for layer in range(1, layers + 1)) + f" |{extra}"
    yield "|---" * (layers + 1 + interval) + "|"
    digits = 1 if field == "accuracyPercent" else 3
    for task in tasks:
        if task.key in entries:
            entry = entries[task.key]
            cells = ["–" if value is None else f"{value:.{digits}f}" for value in entry[field]]
            if interval:
                low, high = entry["accuracyInterval95"][-1]
                cells.append(f"{low:.1f}–{high:.1f}")
            yield f"| {task.name} | " + " | ".join(cells) + " |"


def _held_out(found: dict[str, Any] | None, tasks: Sequence[Task]) -> Iterable[str]:
    if not found:
        return
    yield from ["", "### A task that brings no labels", ""]
    low, high = found["lossInterval95"]
    yield (
        "Plan and thresholds of each task from what the other tasks' exits lose, at their temperatures; of its own "
        f"calibration rows only confidences are looked at (`training.report --held-out`). Mean cost cut "
        f"{found['meanCostCutPercent']} % at {found['meanAccuracyLossPoints']} points lost (95 %: {low} to {high})."
    )
    yield from ["", "| held out | m / n | cost cut % | points lost [95 %] |", "|---|---|---|---|"]
    for task in tasks:
        entry = found["tasks"][task.key]
        low, high = entry["lossInterval95"]
        yield (
            f"| {task.name} | {entry['plan']['mobileLayers']} / {entry['plan']['edgeLayers']} "
            f"| {entry['meanCostCutPercent']:.1f} | {entry['meanAccuracyLossPoints']:.2f} [{low:.2f}, {high:.2f}] |"
        )


def _crossing(found: dict[str, Any] | None, tasks: Sequence[Task]) -> Iterable[str]:
    """The same for the rows that cross, from {points.task: {after, rows, keptPercent, lostPoints}}."""
    if not found:
        return
    yield from ["", "### On the rows that cross", ""]
    yield (
        "Only unsure rows cross, and those turn most easily. Of each task's dev rows that do not leave on the device "
        "(the first of them), percent that get the answer that they get without a payload, and points of accuracy lost "
        "by it on them (`training.crossing`)."
    )
    payloads = list(next(iter(found.values()))["keptPercent"])
    yield from [
        "",
        "| points | task | after layer | rows | " + " | ".join(payloads) + " |",
        "|---" * (len(payloads) + 4) + "|",
    ]
    for points, name in (("frontier", "own plan"), ("defaultPlan", "4/8")):
        for task in tasks:
            if entry := found.get(f"{points}.{task.key}"):
                cells = [f"{entry['keptPercent'][each]:.1f} ({entry['lostPoints'][each]:+.1f})" for each in payloads]
                yield f"| {name} | {task.name} | {entry['after']} | {entry['rows']} | " + " | ".join(cells) + " |"


def _quantisation(found: dict[str, Any] | None, tasks: Sequence[Task]) -> Iterable[str]:
    if not found:
        return
    yield from ["", "## q8 against fp16", ""]
    yield from ["Labels of the last exit, all dev rows (`training.parity`).", ""]
    yield "| task | fp16 accuracy % | q8 accuracy % | same label % |"
    yield "|---|---|---|---|"
    for task in tasks:
        if task.key in found:
            entry = found[task.key]
            yield (
                f"| {task.name} | {entry['fp16AccuracyPercent']:.2f} | {entry['q8AccuracyPercent']:.2f} "
                f"| {entry['agreementPercent']:.2f} |"
            )


def _payloads(found: dict[str, Any] | None, tasks: Sequence[Task]) -> Iterable[str]:
    """The table of same labels at the last exit from {rows, agreementPercent: {layer: {payload: {task: percent}}}}."""
    if not found:
        return
    yield from ["", "## Payloads", ""]
    yield "Rows whose last-exit label stays the same when the hidden state crosses in this form, percent of the first"
    yield from [f"{max(found['rows'].values())} dev rows of each task (`training.codecs`).", ""]
    yield "| after layer | payload | " + " | ".join(task.name for task in tasks) + " |"
    yield "|---" * (len(tasks) + 2) + "|"
    for layer, payloads in found["agreementPercent"].items():
        for payload, kept in payloads.items():
            cells = [f"{kept[task.key]:.2f}" if task.key in kept else "–" for task in tasks]
            yield f"| {layer} | {payload} | " + " | ".join(cells) + " |"
