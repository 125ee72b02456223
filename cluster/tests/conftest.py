"""What the engine's tests share."""

import subprocess

import pytest

from cluster.model_folder import ModelFolder
from cluster.service_code import ROOT, make_service_code

MODEL = ROOT / "public/models/e5-small-v2-glue"


def node(*arguments: str) -> str:
    """What a script of the project prints."""
    command = ["node", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=120).stdout


def pytest_configure(config: pytest.Config) -> None:
    """The service's Python comes before modules that import it."""
    make_service_code(ROOT / "node_modules/.cache/cluster-service")


@pytest.fixture(scope="session")
def model() -> ModelFolder:
    return ModelFolder(MODEL)


@pytest.fixture(scope="session")
def exit_rule() -> str:
    """The script as `npm run cluster -- head` makes it."""
    print_it = "import('./scripts/exit-rule.mjs').then((m) => m.exitRuleScript()).then((s) => process.stdout.write(s))"
    return node("-e", print_it)
