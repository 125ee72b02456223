"""One step of training after another, down the gradient of a loss."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class Descent:
    """AdamW with clipped gradients: matrices and tables decay; biases and layer normalisation do not."""

    def __init__(self, parts: Mapping[nn.Module, float], weight_decay: float, gradient_norm: float) -> None:
        """Prepare step 0. `parts`: what learns, each with its rate in units of a step's."""
        self._parameters = [value for part in parts for value in part.parameters()]
        self._gradient_norm = gradient_norm
        groups = []
        for part, factor in parts.items():
            learning = [value for value in part.parameters() if value.requires_grad]
            for is_matrix in (True, False):
                chosen = [value for value in learning if (value.dim() > 1) == is_matrix]
                decay = weight_decay if is_matrix else 0.0
                groups.append({"params": chosen, "weight_decay": decay, "rate_factor": factor})
        self.optimiser = torch.optim.AdamW(groups, fused=True)

    def step(self, step: int, loss: Tensor, rate: float) -> None:
        """Take a step (0-based). Raises FloatingPointError where the loss is no finite number."""
        if not torch.isfinite(loss):
            raise FloatingPointError(f"expected a finite loss at step {step + 1}, got {loss}; lower peak_rate")
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._parameters, self._gradient_norm)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["rate_factor"]
        self.optimiser.step()
