"""Which plans a model of so many layers is reported under."""

from training.calibration.cascade import Plan


def default_plan(layers: int) -> Plan:
    """Return the plan that nobody chose: a third of the layers a tier, 4/8 of 12."""
    return _within(layers // 3, 2 * layers // 3, layers)


def fixed_plan(layers: int) -> Plan:
    """Return the bolder plan that all tasks share in the report: quarters, 3/6 of 12."""
    return _within(layers // 4, layers // 2, layers)


def own_plans(layers: int) -> list[Plan]:
    """Return the plans of which a task's own is chosen: m up to half of the layers, n up to three quarters."""
    mobile = range(1, max(1, layers // 2) + 1)
    plans = [Plan(m, n) for m in mobile for n in range(m + 1, 3 * layers // 4 + 1)]
    return plans or [default_plan(layers)]


def split_layers(layers: int) -> list[int]:
    """Return where hidden states are worth a codec: where mobile tiers of good plans end, and the default edge."""
    return [*range(max(1, layers // 4), max(1, layers // 2) + 1), default_plan(layers).edge_layers]


def _within(mobile: int, edge: int, layers: int) -> Plan:
    mobile = max(1, mobile)
    return Plan(mobile, min(layers, max(mobile + 1, edge)))
