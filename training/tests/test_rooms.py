"""The order of the rooms: who imports whom, as `training/__init__.py` says it."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import training

ROOT = Path(training.__file__).parent
ROOMS = ("data", "model", "fit", "stacked", "export", "calibration", "payload", "report")
COMMANDS = len(ROOMS)


def modules() -> dict[str, Path]:
    """All modules but tests, by their dotted names."""
    files = [path for path in ROOT.rglob("*.py") if ROOT / "tests" not in path.parents]
    return {".".join(("training", *path.relative_to(ROOT).with_suffix("").parts)): path for path in files}


def imported(path: Path) -> set[str]:
    """The modules of ours that a file imports, wherever in the file."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    names |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {name for name in names if name.startswith("training.")}


def floor(module: str) -> int:
    """The place of a module's room; commands, which stand on top, are above all rooms."""
    room = module.split(".")[1]
    return COMMANDS if room not in ROOMS or module.endswith(".__main__") else ROOMS.index(room)


def test_the_order_is_the_documented_one_and_complete() -> None:
    told = " ".join(training.__doc__.split())
    assert "`, `".join(ROOMS) in told
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == {*ROOMS, "tests"}


def test_no_import_runs_up() -> None:
    found = [(own, other) for own, path in modules().items() for other in imported(path) if floor(other) > floor(own)]
    assert not found


def test_no_circle_of_files() -> None:
    graph = {own: imported(path) for own, path in modules().items()}
    assert {name for names in graph.values() for name in names} <= set(graph)
    TopologicalSorter(graph).prepare()


def test_commands_hold_arguments_and_a_call() -> None:
    commands = {name: path for name, path in modules().items() if floor(name) == COMMANDS}
    for name, path in commands.items():
        functions = [node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
        mains = "main" in functions
        assert name in ("training.__init__", "training.arguments") or (mains and len(functions) <= 2), name
    others = {name: path for name, path in modules().items() if name not in commands}
    assert not [name for name, path in others.items() if "__main__" in path.read_text(encoding="utf-8")]
