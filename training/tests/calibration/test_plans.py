"""Plans follow from how many layers a model has."""

import pytest

from training.calibration.cascade import Plan
from training.calibration.plans import default_plan, fixed_plan, own_plans, split_layers


def test_of_twelve_layers_they_are_the_papers() -> None:
    assert (default_plan(12), fixed_plan(12)) == (Plan(4, 8), Plan(3, 6))
    assert own_plans(12) == [Plan(mobile, edge) for mobile in range(1, 7) for edge in range(mobile + 1, 10)]
    assert split_layers(12) == [3, 4, 5, 6, 8]


@pytest.mark.parametrize("layers", [2, 3, 4, 6, 24])
def test_of_others_every_tier_has_layers_as_far_as_they_go(layers: int) -> None:
    for plan in (default_plan(layers), fixed_plan(layers), *own_plans(layers)):
        assert 1 <= plan.mobile_layers < plan.edge_layers <= layers


def test_of_three_layers_there_is_one() -> None:
    assert default_plan(3) == fixed_plan(3) == Plan(1, 2) and own_plans(3) == [Plan(1, 2)]
