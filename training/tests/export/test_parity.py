"""The parity command: measurements, bounds and exit code."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from training.export.measured import QUANTISATION, read_measured
from training.export.parity import TaskParity, table

ROOT = Path(__file__).resolve().parents[3]
GOOD = TaskParity("sst2", 64, [1e-6, 2e-6], 0, 872, [80.0, 90.0], [80.0, 89.5], [99.0, 99.5])


def test_good_measurements_pass() -> None:
    assert GOOD.failures() == []
    assert "| sst2 | 2.0e-06 | 0 | 872 | 90.00 | 89.50 | 99.50 | 99.00 |" in table([GOOD])


def test_each_bound_is_reported() -> None:
    assert "0.002" in replace(GOOD, max_difference=[0.0, 0.003]).failures()[0]
    assert "3 others" in replace(GOOD, label_changes=3).failures()[0]
    assert "0.7 points" in replace(GOOD, q8_accuracy=[80.0, 89.2]).failures()[0]
    assert replace(GOOD, task="rte", q8_accuracy=[80.0, 80.0]).failures() == []
    assert "99.0 %" in replace(GOOD, q8_agreement=[99.9, 98.9]).failures()[0]
    assert replace(GOOD, task="mnli", q8_agreement=[99.9, 98.1]).failures() == []


def test_command_compares_a_tiny_model(weights: Path, model: Path, glue: Path) -> None:
    arguments = ["--weights", weights, "--model", model, "--data", glue, "--tasks", "cola,mnli", "--rows", "6"]
    command = [sys.executable, "-m", "training.parity", *map(str, arguments)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "| cola |" in result.stdout and '"tasks": [{"task": "cola"' in result.stdout
    assert "PyTorch" not in result.stderr and not (model / "quantisation.json").exists()
    subprocess.run(command[:-2], cwd=ROOT, capture_output=True, check=False)
    assert list(read_measured(model, QUANTISATION)) == ["cola", "mnli"]
