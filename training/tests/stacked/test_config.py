"""What training.teach and training.distil may be told."""

import json
from pathlib import Path

import pytest

from training.fit.config import read_config
from training.stacked.config import StackConfig, StudentConfig, TeacherConfig

pytestmark = pytest.mark.usefixtures("one_thread")
RECIPES = Path(__file__).resolve().parents[2] / "recipes"


def test_rate_rises_then_falls_and_never_stops() -> None:
    config = StackConfig(warm_up=0.2)
    factors = [config.rate_factor(step, 10) for step in range(10)]
    assert factors == pytest.approx([0.001, 0.5, 1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125])


@pytest.mark.parametrize(
    ("content", "kind", "problem"),
    [
        ({"epoch": 2}, TeacherConfig, "epoch\n  Unexpected"),
        ({"recipes": [{"rate": 1}]}, TeacherConfig, "recipes.0.rate\n  Unexpected"),
        ({"recipes": [{}, {}]}, StudentConfig, "recipes each with a name of its own"),
        ({"recipes": [{"exit_weights": [0, 0]}]}, StudentConfig, "recipes.0.exit_weights.*"),
        ({"epochs": 0}, StudentConfig, "epochs\n  Input should be greater than 0"),
        ({"folds": 1}, TeacherConfig, "folds\n"),
        ({"corrupted_shares": [0.1, 2]}, TeacherConfig, "corrupted_shares.1\n"),
        ({"averages": [[0, 1]]}, StudentConfig, "averages of places 0 to 0"),
        ({"recipes": [{"noise": 0.1}]}, StudentConfig, "noise_layers where a recipe has noise"),
    ],
)
def test_config_names_what_is_wrong(content: dict, kind: type, problem: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=problem):
        read_config(tmp_path / "config.json", kind)


@pytest.mark.parametrize(
    ("name", "kind"), [("teachers", TeacherConfig), ("students", StudentConfig), ("second-round", StudentConfig)]
)
def test_recipes_are_read(name: str, kind: type) -> None:
    config = read_config(RECIPES / f"e5-small-v2-glue-{name}.json", kind)
    assert all(len(recipe.exit_weights) == 12 for recipe in config.recipes)
    assert len(read_config(None, kind).recipes) == 1
