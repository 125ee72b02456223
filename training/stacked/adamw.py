"""AdamW over a stack, in which every member has a rate of its own."""

from collections.abc import Mapping

import torch
from torch import Tensor

from training.stacked.compiled import compiled_on_cuda
from training.stacked.stack import Stack

BETAS = (0.9, 0.98)
EPSILON = 1e-6
GRADIENT_NORM = 1.0
WEIGHT_DECAY = 0.01


class StackedAdamW:
    """Decoupled weight decay (arXiv 1711.05101), as `torch.optim.AdamW` does it; only matrices decay."""

    def __init__(self, stack: Stack, ramp_rate: float) -> None:
        """Prepare step 0. The exit ramps learn at `ramp_rate` times the body's rate."""
        self._stack = stack
        self._first, self._second = torch.zeros_like(stack.values), torch.zeros_like(stack.values)
        self._steps = 0
        self._factors = stack.by_parameter(lambda name, _: ramp_rate if name.startswith("exit_ramps.") else 1.0)
        self._decays = stack.by_parameter(lambda _, wanted: WEIGHT_DECAY if wanted[0] > 1 else 0.0)

    def step(self, gradients: Mapping[str, Tensor], rates: Tensor) -> None:
        """Take one step in place with the members' `rates` [members, 1]; each one's gradient is clipped on its own.

        A gradient that is no finite number makes the member's weights NaN, which its next loss shows.
        """
        gradient = self._stack.flat(gradients)
        norms = torch.linalg.vector_norm(gradient, dim=1, keepdim=True, dtype=torch.float32)
        scale = (GRADIENT_NORM / (norms + 1e-6)).clamp(max=1.0)
        self._steps += 1
        corrections = torch.tensor([1 - beta**self._steps for beta in BETAS], device=gradient.device)
        values = self._stack.values
        _update(values, self._first, self._second, gradient, scale, rates, self._factors, self._decays, corrections)


@compiled_on_cuda
def _update(
    values: Tensor,
    first: Tensor,
    second: Tensor,
    gradient: Tensor,
    scale: Tensor,
    rates: Tensor,
    factors: Tensor,
    decays: Tensor,
    corrections: Tensor,
) -> None:
    scaled = gradient.float() * scale
    first.lerp_(scaled, 1 - BETAS[0])
    second.lerp_(scaled * scaled, 1 - BETAS[1])
    update = (first / corrections[0]) / ((second / corrections[1]).sqrt() + EPSILON)
    values.sub_((update + decays * values) * (rates * factors))
