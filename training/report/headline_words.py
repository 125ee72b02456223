"""The card's first section: the headline in sentences and tables, written from the report."""

from collections.abc import Iterable, Sequence
from typing import Any

from training.data.tasks import Task


def headline_lines(report: dict[str, Any], tasks: Sequence[Task]) -> Iterable[str]:
    """Yield the lines of the section."""
    found, model = report["headline"], report["model"]
    names = {task.key: task.name for task in tasks}
    yield (
        f"**{found['gainOverStaticPoints']} points more accurate{_between(found['gainOverStaticInterval95'])} than a "
        "static cut of the same mean cost**, where every row leaves at one layer on the device. "
        f"Against running all in the cloud {found['meanCostCutPercent']} % less cost at "
        f"{found['meanAccuracyLossPoints']} points lost{_between(found['lossInterval95'])}, accuracy "
        f"{found['meanAccuracyPercent']} %: means over tasks, each counting alike, on dev rows."
    )
    yield ""
    if large := found.get("largeTasks"):
        yield (
            f"- Tasks with more than 800 dev rows ({', '.join(names[key] for key in large['tasks'])}): "
            f"{large['meanCostCutPercent']} % at {large['meanAccuracyLossPoints']}{_between(large['lossInterval95'])}. "
            "The others have so few that they make most of the interval's width."
        )
    if expected := found.get("expected"):
        low, high = expected["costCutRangePercent"]
        yield (
            f"- Expected of the rule, over {expected['divisions']} random divisions of calibration and dev rows: "
            f"{expected['meanCostCutPercent']} ± {expected['sdCostCutPercent']} % ({low} to {high}) at "
            f"{expected['meanAccuracyLossPoints']} ± {expected['sdAccuracyLossPoints']} points, "
            f"{expected['divisionsWithinClaimedLoss']} of them under 0.3; over a static cut "
            f"{expected['gainOverStaticPoints']} ± {expected['sdGainOverStaticPoints']} (± is one standard deviation). "
            f"`python -m training.report --model public/models/{model} --resplit {expected['divisions']}`"
        )
    if shipped := found.get("shipped"):
        yield (
            f"- As the page runs it, {shipped['variant']} weights and hidden states that cross as "
            f"{shipped['payload']}: {shipped['meanCostCutPercent']} % at {shipped['meanAccuracyLossPoints']}"
            f"{_between(shipped['lossInterval95'])}. "
            f"`python -m training.shipped --model public/models/{model} --data <glue folder>`"
        )
    yield (
        f"- It ends where a device's layer costs {found['breakEvenDevicePrice']} times the cloud's: there nothing is "
        "saved on the mean. All prices here are 1 a layer, on every tier."
    )
    chosen = report["staticCut"]["chosen"]
    yield (
        "- The same rule, given static cuts to choose from, takes layers "
        f"{', '.join(f'{names[key]} {layer}' for key, layer in chosen['layers'].items())}: "
        f"{chosen['meanCostCutPercent']} % at {chosen['meanAccuracyLossPoints']}{_between(chosen['lossInterval95'])}."
    )
    if student := report.get("student"):
        yield (
            "- A two-model cascade, a logistic regression on words on the device and the text to the cloud where it is "
            f"unsure, taken to cost nothing: {student['meanCostCutPercent']} % at {student['meanAccuracyLossPoints']}"
            f"{_between(student['lossInterval95'])}. "
            f"`python -m training.student --model public/models/{model} --data <glue folder>`"
        )
    yield (
        "- Intervals of means: paired bootstrap over dev rows, stratified by task. Of one task: the same, or exact "
        "(Clopper and Pearson) where at most 50 rows differ. They hold at these thresholds; what other calibration "
        "rows would have chosen is the ± above."
    )
    yield ""
    yield from _against_static(report, tasks)


def _against_static(report: dict[str, Any], tasks: Sequence[Task]) -> Iterable[str]:
    yield "Gain over a static cut of the same mean cost, in points:"
    yield ""
    yield "| task | gain [95 %] |"
    yield "|---|---|"
    for task in tasks:
        entry = report["frontier"]["tasks"][task.key]
        low, high = entry["gainOverStaticInterval95"]
        yield f"| {task.name} | {entry['gainOverStaticPoints']:.2f} [{low:.2f}, {high:.2f}] |"
    found = report["headline"]
    low, high = found["gainOverStaticInterval95"]
    yield f"| **mean** | {found['gainOverStaticPoints']:.2f} [{low:.2f}, {high:.2f}] |"
    yield ""
    yield "Static cuts, all tasks at one layer of the device:"
    yield ""
    yield "| layer | cost cut % | points lost [95 %] |"
    yield "|---|---|---|"
    for layer, entry in enumerate(report["staticCut"]["byLayer"], start=1):
        low, high = entry["lossInterval95"]
        cells = f"{entry['meanCostCutPercent']:.1f} | {entry['meanAccuracyLossPoints']:.2f} [{low:.2f}, {high:.2f}]"
        yield f"| {layer} | {cells} |"


def _between(interval: Sequence[float]) -> str:
    low, high = interval
    return f" (95 %: {low} to {high})"
