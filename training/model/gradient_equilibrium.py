"""Gradient equilibrium between the exits (Li et al., arXiv 1908.06294)."""

from collections.abc import Sequence

from torch import Tensor


def balanced(states: Sequence[Tensor]) -> list[Tensor]:
    """Return the hidden states for the exit ramps: the same values, but other gradients on their way into the body.

    Of layer i of L, with m = L - i + 1 exits from it on, the gradient that reaches the layer is 1/m of its own exit's
    plus (m - 1)/m of what comes down from the layer above. Multiplied out, every layer gets the mean of the gradients
    of the exits above it instead of their sum; the ramps' own gradients stay as they are. `states`: [batch, tokens,
    hidden] each, the very tensors that the next layer read, first to last; hooks are put on them.
    """
    return [_balance(state, len(states) - 1 - index) for index, state in enumerate(states)]


def _balance(state: Tensor, exits_above: int) -> Tensor:
    if exits_above == 0:
        return state
    branch = state.view_as(state)
    branch.register_hook(lambda gradient: gradient / exits_above)
    # This hook sees both: the branch's gradient and the one from the layer above.
    state.register_hook(lambda gradient: gradient * (exits_above / (exits_above + 1)))
    return branch
